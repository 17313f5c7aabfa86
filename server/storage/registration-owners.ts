import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { Columns } from './columns.js';
import { queryPrepared, type Db } from './database.js';

/** A registration that something refers to. */
export interface AskedRegistration {
  readonly messageId: string;
  /** The enterprise that it should be of. */
  readonly uscc: string;
  /** Node at which it may have been reported. */
  readonly sourceNode: string;
}

/**
 * Enterprises with registrations of these message ids: the one that is asked about, wherever its
 * registration was reported, and any other one that reported it at the node asked about. In a transaction
 * {@link BY_INDEX}.
 */
export async function findRegistrationOwners(
  db: Db,
  asked: readonly AskedRegistration[],
): Promise<Map<string, ReadonlySet<string>>> {
  if (asked.length === 0) return new Map();
  const column = new Columns(asked);
  const ids = column.text((one) => one.messageId);
  const { rows } = await queryPrepared<{ messageId: string; uscc: string }>(
    db,
    'find registration owners',
    `select m.message_id as "messageId", m.entity as uscc
       from unnest(?::text[], ?::text[]) as k(uscc, message_id)
       join messages m on m.kind = ${MessageKind.REGISTRATION} and m.entity = k.uscc
                      and m.message_id = k.message_id
      union
     select m.message_id, m.entity
       from unnest(?::text[], ?::text[]) as k(source_node, message_id)
       join messages m using (source_node, message_id)
      where m.kind = ${MessageKind.REGISTRATION}`,
    [column.text((one) => one.uscc), ids, column.text((one) => one.sourceNode), ids],
  );
  const owners = new Map<string, Set<string>>();
  for (const { messageId, uscc } of rows)
    owners.set(messageId, (owners.get(messageId) ?? new Set()).add(uscc));
  return owners;
}
