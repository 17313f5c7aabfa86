import type { RecordKey, RecordKind, Party } from '../domain/message.js';
import type { AttributionMethod } from '../domain/record/attribution.js';
import type { RecordState } from '../domain/record/record-state.js';
import type { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Columns, textArray } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';

const NAMING = { unnamed: 1, named: 2 } as const;
const STATE = { current: 1, deleted: 2, withdrawn: 3 } as const;

/** A row of `records` as the driver reads it. */
export interface RecordRow {
  kind: RecordKind;
  owner_org: string;
  business_key: string;
  record_version: number;
  message_seq: number;
  source_node: string;
  message_id: string;
  origin: string;
  entity: string;
  uscc: string | null;
  counterpart: Party;
  naming: number;
  naming_reason: UnattributedReason;
  naming_method: AttributionMethod | '';
  named_by: string;
  named_at: Date | null;
  waiting_since: Date | null;
  resolved_by: string;
  sent_back: string;
  non_public: boolean;
  content_marked: boolean;
  publicity_revision: number;
  change_version: number;
  authority_org: string;
  state: number;
  permit_item_code: string;
  licence_no: string;
  shown_until: string;
  published_at: Date | null;
}

/** Columns of {@link RecordRow}, of the table alias `r`. */
export const RECORD_COLUMNS = `r.kind, r.owner_org, r.business_key, r.record_version, r.message_seq,
  r.source_node, r.message_id, r.origin, r.entity, r.uscc, r.counterpart, r.naming, r.naming_reason,
  r.naming_method, r.named_by, r.named_at, r.waiting_since, r.resolved_by, r.sent_back, r.non_public,
  r.content_marked, r.publicity_revision, r.change_version, r.authority_org, r.state,
  r.permit_item_code, r.licence_no, r.shown_until, r.published_at`;

function stateFromNumber(state: number): RecordState['state'] {
  if (state === STATE.current) return 'current';
  return state === STATE.deleted ? 'deleted' : 'withdrawn';
}

/** A row as the domain knows it. */
export function recordFromRow(row: RecordRow): RecordState {
  return {
    key: { kind: row.kind, ownerOrg: row.owner_org, businessKey: row.business_key },
    recordVersion: row.record_version,
    messageSeq: row.message_seq,
    sourceNode: row.source_node,
    messageId: row.message_id,
    origin: row.origin,
    entity: row.entity,
    party: row.counterpart,
    uscc: row.uscc ?? undefined,
    naming: row.naming === NAMING.named ? 'named' : 'unnamed',
    reason: row.naming_reason,
    method: row.naming_method,
    namedBy: row.named_by,
    namedAtMs: row.named_at?.getTime(),
    waitingSinceMs: row.waiting_since?.getTime(),
    resolvedBy: row.resolved_by,
    sentBack: row.sent_back,
    nonPublic: row.non_public,
    contentMarked: row.content_marked,
    publicityRevision: row.publicity_revision,
    changeVersion: row.change_version,
    authorityOrg: row.authority_org,
    state: stateFromNumber(row.state),
    permitItemCode: row.permit_item_code,
    licenceNo: row.licence_no,
    shownUntil: row.shown_until,
    publishedAtMs: row.published_at?.getTime(),
  };
}

/**
 * Records with one of these keys, and every unnamed record of one of these enterprises; one that is
 * both comes twice. In a transaction {@link BY_INDEX}.
 */
export async function findRecords(
  db: Db,
  keys: readonly RecordKey[],
  entities: readonly string[],
): Promise<RecordState[]> {
  const column = new Columns(keys);
  const { rows } = await queryPrepared<RecordRow>(
    db,
    'find records',
    `select ${RECORD_COLUMNS}
       from unnest(?::smallint[], ?::text[], ?::text[]) as k(kind, owner_org, business_key)
       join records r using (kind, owner_org, business_key)
      union all
     select ${RECORD_COLUMNS} from records r where r.naming = 1 and r.entity = any(?::text[])`,
    [
      column.int2((key) => key.kind),
      column.text((key) => key.ownerOrg),
      column.text((key) => key.businessKey),
      textArray(entities),
    ],
  );
  return rows.map(recordFromRow);
}

/** Enterprises of records as the records are held now, in the order of the keys; empty: none. */
export async function entitiesOf(db: Db, keys: readonly RecordKey[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const column = new Columns(keys);
  const { rows } = await query<{ entity: string }>(
    db,
    `select coalesce(r.entity, '') as entity
       from unnest(?::smallint[], ?::text[], ?::text[]) with ordinality
         as k(kind, owner_org, business_key, position)
       left join records r using (kind, owner_org, business_key)
      order by position`,
    [
      column.int2((key) => key.kind),
      column.text((key) => key.ownerOrg),
      column.text((key) => key.businessKey),
    ],
  );
  return rows.map((row) => row.entity);
}

/** Every record attributed to one of these enterprises. */
export async function findAttributed(db: Db, usccs: readonly string[]): Promise<RecordState[]> {
  if (usccs.length === 0) return [];
  const { rows } = await query<RecordRow>(
    db,
    `select ${RECORD_COLUMNS} from records r where r.uscc = any(?::text[])`,
    [textArray(usccs)],
  );
  return rows.map(recordFromRow);
}

const VALUES = [
  'kind smallint',
  'owner_org text',
  'business_key text',
  'record_version bigint',
  'message_seq bigint',
  'source_node text',
  'message_id text',
  'origin text',
  'entity text',
  'uscc text',
  'counterpart jsonb',
  'naming smallint',
  'naming_reason smallint',
  'naming_method text',
  'named_by text',
  'resolved_by text',
  'sent_back text',
  'non_public boolean',
  'content_marked boolean',
  'publicity_revision bigint',
  'change_version bigint',
  'authority_org text',
  'state smallint',
  'permit_item_code text',
  'licence_no text',
  'shown_until text',
].map((column) => column.split(' ') as [name: string, type: string]);

/** Written in milliseconds, after the values. */
const MOMENTS = ['named_at', 'waiting_since', 'published_at'] as const;

const KEY = ['kind', 'owner_org', 'business_key'];
const valueNames = VALUES.map(([name]) => name);
const given = [...valueNames, ...MOMENTS];

const UPSERT = `insert into records (${given.join(', ')}, updated_at)
  select ${[...valueNames, ...MOMENTS.map((name) => `to_timestamp(${name} / 1000)`)].join(', ')},
         to_timestamp(?::double precision / 1000)
    from unnest(${[...VALUES.map(([, type]) => type), ...MOMENTS.map(() => 'double precision')]
      .map((type) => `?::${type}[]`)
      .join(', ')}) as x(${given.join(', ')})
  on conflict (${KEY.join(', ')}) do update
     set ${given
       .filter((name) => !KEY.includes(name))
       .map((name) => `${name} = excluded.${name}`)
       .join(', ')}, updated_at = excluded.updated_at`;

/** Writes the current state of a batch of records. */
export async function upsertRecords(
  db: Db,
  records: readonly RecordState[],
  nowMs: number,
): Promise<void> {
  if (records.length === 0) return;
  const column = new Columns(records);
  await queryPrepared(db, 'upsert records', UPSERT, [
    nowMs,
    column.int2((r) => r.key.kind),
    column.text((r) => r.key.ownerOrg),
    column.text((r) => r.key.businessKey),
    column.int8((r) => r.recordVersion),
    column.int8((r) => r.messageSeq),
    column.text((r) => r.sourceNode),
    column.text((r) => r.messageId),
    column.text((r) => r.origin),
    column.text((r) => r.entity),
    column.text((r) => r.uscc),
    column.jsonb((r) => r.party),
    column.int2((r) => NAMING[r.naming]),
    column.int2((r) => r.reason),
    column.text((r) => r.method),
    column.text((r) => r.namedBy),
    column.text((r) => r.resolvedBy),
    column.text((r) => r.sentBack),
    column.bool((r) => r.nonPublic),
    column.bool((r) => r.contentMarked),
    column.int8((r) => r.publicityRevision),
    column.int8((r) => r.changeVersion),
    column.text((r) => r.authorityOrg),
    column.int2((r) => STATE[r.state]),
    column.text((r) => r.permitItemCode),
    column.text((r) => r.licenceNo),
    column.text((r) => r.shownUntil),
    column.float8((r) => r.namedAtMs),
    column.float8((r) => r.waitingSinceMs),
    column.float8((r) => r.publishedAtMs),
  ]);
}
