import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { SECRET_WORD } from './clients/enterprise.js';
import type { ChaosNode } from './stage/chaos-node.js';

const AS_BYTES = Buffer.from(SECRET_WORD, 'utf8').toString('hex');

/** Every table, queue and log of a node in which text stands that was never public (R54). */
export async function findSecret(node: ChaosNode, db: pg.Client): Promise<string[]> {
  return [...(await inTables(db)), ...(await inRedis(node)), ...(await inLogs(node))];
}

/** As text and, for columns of bytes, as their digits. */
async function inTables(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ schema: string; name: string }>(
    `select table_schema as schema, table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const places: string[] = [];
  for (const { schema, name } of rows) {
    const found = await db.query(
      `select 1 from "${schema}"."${name}" as held
        where held::text like $1 or held::text like $2 limit 1`,
      [`%${SECRET_WORD}%`, `%${AS_BYTES}%`],
    );
    if (found.rows.length > 0) places.push(`table ${schema}.${name}`);
  }
  return places;
}

function inRedis({ redis }: ChaosNode): Promise<string[]> {
  return redis.ask(async (client) => {
    const keys = await client.keys('*');
    const contents = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
    return keys
      .filter((key, index) =>
        `${key}${contents[index]?.toString('utf8') ?? ''}`.includes(SECRET_WORD),
      )
      .map((key) => `Redis ${key}`);
  });
}

async function inLogs({ logFiles, dir }: ChaosNode): Promise<string[]> {
  const places: string[] = [];
  for (const file of [...logFiles, join(dir, 'postgres', 'postgres.log')])
    if ((await readFile(file, 'utf8')).includes(SECRET_WORD)) places.push(`log ${file}`);
  return places;
}
