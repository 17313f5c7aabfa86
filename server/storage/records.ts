import type { RecordKey, RecordKind, Party } from '../domain/message.js';
import type { AttributionMethod } from '../domain/record/attribution.js';
import type { RecordState } from '../domain/record/record-state.js';
import type { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Columns, textArray } from './columns.js';
import { query, type Db } from './database.js';

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

/** Records with one of these keys, and every unnamed record of one of these enterprises. */
export async function findRecords(
  db: Db,
  keys: readonly RecordKey[],
  entities: readonly string[],
): Promise<RecordState[]> {
  const column = new Columns(keys);
  const { rows } = await query<RecordRow>(
    db,
    `select ${RECORD_COLUMNS}
       from unnest(?::smallint[], ?::text[], ?::text[]) as k(kind, owner_org, business_key)
       join records r using (kind, owner_org, business_key)
      union
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

function instant(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function toRow(record: RecordState): Record<string, unknown> {
  return {
    kind: record.key.kind,
    owner_org: record.key.ownerOrg,
    business_key: record.key.businessKey,
    record_version: record.recordVersion,
    message_seq: record.messageSeq,
    source_node: record.sourceNode,
    message_id: record.messageId,
    origin: record.origin,
    entity: record.entity,
    uscc: record.uscc ?? null,
    counterpart: record.party,
    naming: NAMING[record.naming],
    naming_reason: record.reason,
    naming_method: record.method,
    named_by: record.namedBy,
    named_at: instant(record.namedAtMs),
    waiting_since: instant(record.waitingSinceMs),
    resolved_by: record.resolvedBy,
    sent_back: record.sentBack,
    non_public: record.nonPublic,
    content_marked: record.contentMarked,
    publicity_revision: record.publicityRevision,
    change_version: record.changeVersion,
    authority_org: record.authorityOrg,
    state: STATE[record.state],
    permit_item_code: record.permitItemCode,
    licence_no: record.licenceNo,
    shown_until: record.shownUntil,
    published_at: instant(record.publishedAtMs),
  };
}

const WRITTEN = [
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
  'named_at timestamptz',
  'waiting_since timestamptz',
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
  'published_at timestamptz',
] as const;

const names = WRITTEN.map((column) => column.split(' ')[0] ?? '');
const changes = names
  .slice(3)
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

const UPSERT = `insert into records (${names.join(', ')}, updated_at)
  select ${names.map((name) => `x.${name}`).join(', ')}, to_timestamp(?::double precision / 1000)
    from jsonb_to_recordset(?::jsonb) as x(${WRITTEN.join(', ')})
  on conflict (kind, owner_org, business_key) do update
     set ${changes}, updated_at = excluded.updated_at`;

/** Writes the current state of a batch of records. */
export async function upsertRecords(
  db: Db,
  records: readonly RecordState[],
  nowMs: number,
): Promise<void> {
  if (records.length === 0) return;
  await query(db, UPSERT, [nowMs, JSON.stringify(records.map(toRow))]);
}
