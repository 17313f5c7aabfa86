import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { HubClientError } from '../clients/hub-client-error.js';
import type { DemoNode, Network } from './nodes.js';
import type { PlannedRecord } from './plan.js';
import { readRedisQueues } from './redis-queues.js';

/** What was looked for, where, and what was found. */
export interface Search {
  /** Texts looked for. */
  readonly markers: number;
  /** Columns of the national node's tables and queues that were searched. */
  readonly columns: number;
  readonly rows: number;
  /** Keys of its queues in Redis; 0 when the queues are in PostgreSQL. */
  readonly redisKeys: number;
  readonly calls: number;
  /** Places where something was found that must not be there. */
  readonly found: readonly string[];
  /** Columns in which the same search finds the texts at the provinces: it can find them. */
  readonly foundAtProvinces: number;
  /** Texts that the search does not even find at their own province. */
  readonly notFoundAtHome: readonly string[];
}

interface Marker {
  readonly text: string;
  readonly of: PlannedRecord;
}

/** Whether every trace of a record must be absent, or only its content: a tombstone keeps its key (D7). */
function markersOf(plan: PlannedRecord): Marker[] {
  const { envelope } = plan.record;
  const keys = [envelope?.messageId ?? '', envelope?.businessKey ?? ''];
  const texts = plan.publicity === 'non-public' ? [plan.secret, ...keys] : [plan.secret];
  return texts.map((text) => ({ text, of: plan }));
}

/** Looks for every record that was held back or withdrawn: by RPC and in the tables themselves. */
export async function searchNational(
  network: Network,
  hidden: readonly PlannedRecord[],
): Promise<Search> {
  const markers = hidden.flatMap(markersOf);
  const client = new pg.Client({ connectionString: network.databaseUrl });
  await client.connect();
  try {
    const national = await searchSchemas(client, network.national, markers);
    const provinces = [
      await searchSchemas(client, network.zhejiang, markers),
      await searchSchemas(client, network.guangdong, markers),
    ];
    const asked = await askNational(network.national, hidden);
    const log = await readFile(network.national.logFile, 'utf8');
    const prefix = `${network.national.schema}_queue`;
    const redis = await readRedisQueues(network.redisUrl, prefix);
    const queued = markers.filter(({ text }) => redis.text.includes(text));
    const logged = markers.filter(({ text }) => log.includes(text));
    return {
      markers: markers.length,
      columns: national.columns,
      rows: national.rows,
      redisKeys: redis.keys,
      calls: asked.calls,
      found: [
        ...national.hits.map(({ place, text }) => `${place}: ${text}`),
        ...asked.found,
        ...queued.map(({ text }) => `Redis: ${text}`),
        ...logged.map(({ text }) => `log: ${text}`),
      ],
      foundAtProvinces: provinces.reduce((sum, { hits }) => sum + hits.length, 0),
      notFoundAtHome: markers
        .map(({ text }) => text)
        .filter((text) => !provinces.some(({ hits }) => hits.some((hit) => hit.text === text))),
    };
  } finally {
    await client.end();
  }
}

interface SchemaSearch {
  readonly columns: number;
  readonly rows: number;
  readonly hits: readonly { readonly place: string; readonly text: string }[];
}

/** A column as the database describes it. */
interface Column {
  readonly table_schema: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
}

/** Every column of every table of a node and of its queues, as text and as bytes. */
async function searchSchemas(
  client: pg.Client,
  { schema }: DemoNode,
  markers: readonly Marker[],
): Promise<SchemaSearch> {
  const texts = markers.map(({ text }) => text);
  const { rows: columns } = await client.query<Column>(
    `select c.table_schema, c.table_name, c.column_name, c.data_type
       from information_schema.columns c join information_schema.tables t
         using (table_schema, table_name)
      where c.table_schema in ($1, $2) and t.table_type = 'BASE TABLE'`,
    [schema, `${schema}_queue`],
  );
  const tableOf = ({ table_schema, table_name }: Column): string =>
    `${client.escapeIdentifier(table_schema)}.${client.escapeIdentifier(table_name)}`;
  const hits: SchemaSearch['hits'][number][] = [];
  for (const column of columns) {
    const place = `${tableOf(column)}.${column.column_name}`;
    const { rows } = await client.query<{ marker: string }>(
      `select x.marker from unnest($1::text[]) as x(marker)
        where exists (select 1 from ${tableOf(column)} where ${holdsMarker(client, column)})`,
      [texts],
    );
    hits.push(...rows.map(({ marker }) => ({ place, text: marker })));
  }
  const tables = [...new Set(columns.map(tableOf))];
  return { columns: columns.length, rows: await countRows(client, tables), hits };
}

function holdsMarker(client: pg.Client, { column_name, data_type }: Column): string {
  const column = client.escapeIdentifier(column_name);
  return data_type === 'bytea'
    ? `position(convert_to(x.marker, 'UTF8') in ${column}) > 0`
    : `position(x.marker in ${column}::text) > 0`;
}

async function countRows(client: pg.Client, tables: readonly string[]): Promise<number> {
  const counts = tables.map((table) => `(select count(*) from ${table})`);
  const { rows } = await client.query<{ n: string }>(`select ${counts.join(' + ')} as n`);
  return Number(rows[0]?.n ?? 0);
}

/** What anybody could ask the national node about a hidden record. */
async function askNational(
  { exchange, dataCenter }: DemoNode,
  hidden: readonly PlannedRecord[],
): Promise<{ calls: number; found: string[] }> {
  const found: string[] = [];
  let calls = 0;
  for (const { record, publicity, secret } of hidden) {
    const messageId = record.envelope?.messageId ?? '';
    const sourceNode = record.envelope?.sourceNode ?? '';
    if (publicity === 'non-public') {
      const held = await exists(() =>
        exchange.getMessage({ messageId, sourceNode, localOnly: true }),
      );
      if (held) found.push(`GetMessage: ${messageId}`);
      const { deliveries } = await exchange.listDeliveries({ messageId });
      if (deliveries.length > 0) found.push(`ListDeliveries: ${messageId}`);
      calls += 2;
    }
    const disclosed = await textOrNothing(() => dataCenter.getDisclosure({ uscc: usccOf(record) }));
    if (disclosed.includes(secret)) found.push(`GetDisclosure: ${secret}`);
    calls += 1;
  }
  const { records } = await dataCenter.listUnattributed({ pageSize: 200 });
  const waiting = new Set(records.map(({ messageId }) => messageId));
  for (const { record } of hidden)
    if (waiting.has(record.envelope?.messageId ?? '')) found.push('ListUnattributed');
  return { calls: calls + 1, found };
}

/** Credit code of the enterprise that a record is about. */
export function usccOf({ body }: PlannedRecord['record']): string {
  if (body.case === undefined) return '';
  return body.case === 'filing' ? body.value.uscc : (body.value.counterpart?.uscc ?? '');
}

async function exists(ask: () => Promise<unknown>): Promise<boolean> {
  return (await textOrNothing(ask)) !== '';
}

async function textOrNothing(ask: () => Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await ask(), (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  } catch (error) {
    if (error instanceof HubClientError && error.reason === 'NOT_FOUND') return '';
    throw error;
  }
}
