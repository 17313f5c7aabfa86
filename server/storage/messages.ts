import type { Effect, Finding, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { Columns } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';

/** One node on the way of a message, as stored. */
export interface StoredHop {
  readonly node: string;
  readonly at: string;
}

/** A row to be written. */
export interface NewMessage {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly kind: MessageKind;
  /** Class of the record it is about; 0 for registrations. */
  readonly recordKind: MessageKind;
  readonly digest: Uint8Array;
  /** Undefined when the content must not be kept. */
  readonly payload: Uint8Array | undefined;
  /** The payload was rewritten on the way here, so that the digest is not its own (D5). */
  readonly redacted: boolean;
  readonly ownerOrg: string;
  readonly businessKey: string;
  readonly recordVersion: number;
  readonly entity: string;
  readonly sourceOrg: string;
  readonly origin: string;
  readonly hops: readonly StoredHop[];
  readonly effect: Effect;
  readonly warnings: readonly Finding[];
  readonly acceptedAtMs: number;
  /** ReceiptProof, in binary form. */
  readonly receiptProof: Uint8Array | null;
}

/** What is held of a message that came before. */
export interface HeldMessage {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly kind: MessageKind;
  readonly digest: Buffer;
  readonly hasContent: boolean;
  /** The stored content was rewritten on the way here. */
  readonly redacted: boolean;
  readonly effect: Effect;
  readonly acceptedAt: Date;
  /** Null when it was accepted before receipts were signed. */
  readonly receiptProof: Buffer | null;
}

/** Identifies a message at every node. */
export interface MessageId {
  readonly sourceNode: string;
  readonly messageId: string;
}

/** One key for maps. */
export function messageIdText(id: MessageId): string {
  return `${id.sourceNode}/${id.messageId}`;
}

/** Which of these messages are held already. In a transaction {@link BY_INDEX}. */
export async function findMessages(db: Db, ids: readonly MessageId[]): Promise<HeldMessage[]> {
  const column = new Columns(ids);
  const { rows } = await queryPrepared<HeldMessage>(
    db,
    'find messages',
    `select m.seq, m.source_node as "sourceNode", m.message_id as "messageId", m.kind, m.digest,
            m.payload is not null as "hasContent", m.redacted, m.effect, m.accepted_at as "acceptedAt",
            m.receipt_proof as "receiptProof"
       from unnest(?::text[], ?::text[]) as k(source_node, message_id)
       join messages m using (source_node, message_id)`,
    [column.text((id) => id.sourceNode), column.text((id) => id.messageId)],
  );
  return rows;
}

/** Numbers for messages about to be stored. */
export async function reserveSequence(db: Db, count: number): Promise<number[]> {
  const { rows } = await queryPrepared<{ seq: number }>(
    db,
    'reserve sequence',
    `select nextval(own.sequence) as seq
       from (select pg_get_serial_sequence('messages', 'seq')::regclass as sequence offset 0) as own,
            generate_series(1, ?::int)`,
    [count],
  );
  return rows.map((row) => row.seq);
}

/**
 * Stores a batch. A message whose content was deleted after a withdrawal gets it back when it is
 * public again (D7). Returns how many rows were written: fewer means that another process stored
 * one of them at the same moment.
 */
export async function insertMessages(db: Db, messages: readonly NewMessage[]): Promise<number> {
  if (messages.length === 0) return 0;
  const column = new Columns(messages);
  const { rowCount } = await queryPrepared(
    db,
    'insert into messages',
    `insert into messages (seq, source_node, message_id, kind, record_kind, digest, payload,
            redacted, owner_org, business_key, record_version, entity, source_org, origin, hops, effect, warnings, accepted_at,
            receipt_proof, txid)
     select seq, source_node, message_id, kind, record_kind, digest, payload, redacted, owner_org,
            business_key, record_version, entity, source_org, origin, hops, effect, warnings, to_timestamp(at / 1000.0),
            proof, (select feed_number())
       from unnest(?::bigint[], ?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::bytea[],
                   ?::bytea[], ?::boolean[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[],
                   ?::jsonb[],
                   ?::smallint[], ?::jsonb[], ?::double precision[], ?::bytea[])
         as x(seq, source_node, message_id, kind, record_kind, digest, payload, redacted, owner_org,
              business_key, record_version, entity, source_org, origin, hops, effect, warnings, at, proof)
     on conflict (source_node, message_id) do update
        set payload = excluded.payload, redacted = excluded.redacted, digest = excluded.digest, kind = excluded.kind,
            record_kind = excluded.record_kind, entity = excluded.entity, effect = excluded.effect,
            source_org = excluded.source_org,
            hops = excluded.hops, seq = excluded.seq,
            -- The receipt that was given stays the same for as long as it states the same.
            receipt_proof = case when messages.effect = excluded.effect and messages.digest = excluded.digest
                                 then messages.receipt_proof else excluded.receipt_proof end
      where messages.payload is null and excluded.payload is not null`,
    [
      column.int8((m) => m.seq),
      column.text((m) => m.sourceNode),
      column.text((m) => m.messageId),
      column.int2((m) => m.kind),
      column.int2((m) => m.recordKind),
      column.bytea((m) => m.digest),
      column.bytea((m) => m.payload),
      column.bool((m) => m.redacted),
      column.text((m) => m.ownerOrg),
      column.text((m) => m.businessKey),
      column.int8((m) => m.recordVersion),
      column.text((m) => m.entity),
      column.text((m) => m.sourceOrg),
      column.text((m) => m.origin),
      column.jsonb((m) => m.hops),
      column.int2((m) => m.effect),
      column.jsonb((m) => m.warnings),
      column.float8((m) => m.acceptedAtMs),
      column.bytea((m) => m.receiptProof),
    ],
  );
  return rowCount;
}

/** Deletes every stored content of withdrawn records; ids and digests stay, so that nothing comes twice. */
export async function eraseContent(
  db: Db,
  keys: readonly { kind: MessageKind; ownerOrg: string; businessKey: string }[],
): Promise<void> {
  if (keys.length === 0) return;
  const column = new Columns(keys);
  await query(
    db,
    `update messages m set payload = null, entity = '', source_org = '', warnings = '[]'
       from unnest(?::smallint[], ?::text[], ?::text[]) as k(kind, owner_org, business_key)
      where m.record_kind <> 0 and m.record_kind = k.kind and m.owner_org = k.owner_org
        and m.business_key = k.business_key and m.payload is not null`,
    [column.int2((k) => k.kind), column.text((k) => k.ownerOrg), column.text((k) => k.businessKey)],
  );
}
