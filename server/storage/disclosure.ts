import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { RecordKind } from '../domain/message.js';
import { textArray } from './columns.js';
import { query, type Db } from './database.js';

/** An enterprise as far as publicity needs it. */
export interface DisclosedEnterprise {
  readonly uscc: string;
  readonly entName: string;
  /** Newest first. */
  readonly formerNames: string[];
  readonly homeNode: string;
  /** Bytes of its current event. */
  readonly payload: Buffer;
  /**
   * Numbers of its own licences that are not public (D5), as their newest versions spell them; also of
   * those of which an earlier version of the program kept no others.
   */
  readonly hiddenLicenceNos: string[];
}

/** Enterprises with their current events, in no order; those that are not held are left out. */
export async function findDisclosedEnterprises(
  db: Db,
  usccs: readonly string[],
): Promise<DisclosedEnterprise[]> {
  const { rows } = await query<DisclosedEnterprise>(
    db,
    `select e.uscc, e.ent_name as "entName", e.former_names as "formerNames",
            e.home_node as "homeNode", m.payload,
            array(select unnest(string_to_array(l.licence_no, chr(10))) from records l
                   where l.uscc = e.uscc and l.kind = ${MessageKind.LICENCE} and l.non_public
                     and l.licence_no <> '') as "hiddenLicenceNos"
       from enterprises e join messages m on m.seq = e.message_seq
      where e.uscc = any(?::text[]) and m.payload is not null`,
    [textArray(usccs)],
  );
  return rows;
}

/** A published record with its bytes. */
export interface PublishedRecord {
  /** The enterprise that it was attributed to. */
  readonly uscc: string;
  readonly kind: RecordKind;
  readonly publishedAt: Date;
  readonly namedBy: string;
  readonly payload: Buffer;
}

/**
 * The published records of enterprises, of each enterprise and class those published last, at most
 * `perKind`, the last first (R17, R38, R41). Not public, unnamed, deleted and withdrawn ones never come; of penalties
 * only those whose publicity has not ended before `today`. The empty last day means no end: defaults
 * of sources were taken out when the record came (VR9).
 */
export async function listPublishedRecords(
  db: Db,
  usccs: readonly string[],
  today: string,
  perKind: number,
): Promise<PublishedRecord[]> {
  const { rows } = await query<PublishedRecord>(
    db,
    `select r.uscc, r.kind, r.published_at as "publishedAt", r.named_by as "namedBy", m.payload
       from (select uscc, kind, message_seq, published_at, named_by,
                    row_number() over (partition by uscc, kind
                                       order by published_at desc, message_seq desc) as place
               from records
              where uscc = any(?::text[]) and naming = 2 and state = 1 and not non_public
                and published_at is not null
                and (kind <> ${MessageKind.PENALTY} or shown_until = ''
                     or shown_until >= ?)) as r
       join messages m on m.seq = r.message_seq
      where r.place <= ? and m.payload is not null
      order by r.place`,
    [textArray(usccs), today, perKind],
  );
  return rows;
}
