import { fromBinary } from '@bufbuild/protobuf';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { eventKey, type HeldEvents } from '../domain/registration/sequence.js';
import { Columns } from './columns.js';
import { queryPrepared, type Db } from './database.js';

/** An event whose predecessors are asked for. */
export interface AskedEvent {
  readonly uscc: string;
  readonly sourceNode: string;
  readonly businessKey: string;
  /** Whether the content of the current event is wanted. */
  readonly compared: boolean;
}

interface HeldRow {
  readonly uscc: string;
  readonly source: string;
  readonly takenInAt: Date;
  readonly payload: Buffer | null;
  /** Null: no event of the key is held. */
  readonly version: number | null;
}

/**
 * Of each enterprise its current event, and the highest version held of each key that is asked for.
 * Enterprises that are not held are left out. In a transaction {@link BY_INDEX}.
 */
export async function findHeldEvents(
  db: Db,
  asked: readonly AskedEvent[],
): Promise<Map<string, HeldEvents>> {
  if (asked.length === 0) return new Map();
  const column = new Columns(asked);
  const { rows } = await queryPrepared<HeldRow & AskedEvent>(
    db,
    'find held events',
    `select k.uscc, k.source_node as "sourceNode", k.business_key as "businessKey",
            c.source_node as source, case when k.compared then c.payload end as payload,
            coalesce((c.hops -> 0 ->> 'at')::timestamptz, c.accepted_at) as "takenInAt",
            (select max(m.record_version) from messages m
              where m.kind = 1 and m.entity = k.uscc and m.source_node = k.source_node
                and m.business_key = k.business_key) as version
       from unnest(?::text[], ?::text[], ?::text[], ?::boolean[])
              as k(uscc, source_node, business_key, compared)
       join enterprises e on e.uscc = k.uscc
       join messages c on c.seq = e.message_seq`,
    [
      column.text((one) => one.uscc),
      column.text((one) => one.sourceNode),
      column.text((one) => one.businessKey),
      column.bool((one) => one.compared),
    ],
  );
  const held = new Map<string, HeldEvents & { versions: Map<string, number> }>();
  for (const { uscc, sourceNode, businessKey, version, ...current } of rows) {
    const events = held.get(uscc) ?? heldFrom(current);
    if (version !== null) events.versions.set(eventKey(sourceNode, businessKey), version);
    held.set(uscc, events);
  }
  return held;
}

function heldFrom({ source, takenInAt, payload }: Omit<HeldRow, 'uscc' | 'version'>) {
  return {
    currentSource: source,
    currentTakenInAtMs: takenInAt.getTime(),
    ...(payload && { current: fromBinary(RegistrationEventSchema, payload) }),
    versions: new Map<string, number>(),
  };
}
