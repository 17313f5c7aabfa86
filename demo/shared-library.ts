import { setTimeout as pause } from 'node:timers/promises';
import { addressFor } from '../server/node/command-store.js';
import { offboardSubscriber, onboardSubscriber } from '../server/share/subscribers.js';
import { openDatabase, query, type Db } from '../server/storage/database.js';
import { libraryNames } from '../server/storage/library-names.js';
import { ZHEJIANG, type Network } from './nodes.js';
import type { Story } from './story.js';

const SUBSCRIBER = 'demo-business-system';
const LIMIT_MS = 20_000;
const POLL_MS = 200;

/** What a business system saw of 浙江, by SQL and by RPC. */
export interface SharedReading {
  readonly item: string;
  /** Events of the enterprises that have, or had, the item. */
  readonly rows: number;
  /** Both ways gave the same events. */
  readonly agrees: boolean;
  /** The role was refused what is not its own: the node's tables. */
  readonly confined: boolean;
}

/**
 * 共享库 (R47, R48): takes a business system on for one permit item, reads the change feed with its
 * role and the same by ListSharedRegistrations, and lets it go again.
 */
export async function readSharedLibrary(network: Network, story: Story): Promise<SharedReading> {
  const item = itemOf(story);
  const { schema } = network.zhejiang;
  const { share } = libraryNames(schema);
  const owner = openDatabase({ url: network.databaseUrl, schema, poolSize: 2 });
  try {
    const { role, password } = await onboardSubscriber(owner, share, SUBSCRIBER, [item], true);
    const url = addressFor(network.databaseUrl, role, password);
    const reader = openDatabase({ url, schema: share, poolSize: 1 });
    try {
      const { bySql, byRpc } = await bothWays(() => eventsBySql(reader), network);
      const agrees = bySql.length > 0 && bySql.join() === byRpc.join();
      return { item, rows: bySql.length, agrees, confined: await isConfined(reader, schema) };
    } finally {
      await reader.destroy();
      await offboardSubscriber(owner, share, SUBSCRIBER);
    }
  } finally {
    await owner.destroy();
  }
}

/** The permit item that most enterprises of 浙江 named. */
function itemOf({ registrations }: Story): string {
  const counts = new Map<string, number>();
  for (const { at, event } of registrations)
    if (at === ZHEJIANG)
      for (const { permitItemCode } of event.permitItems)
        counts.set(permitItemCode, (counts.get(permitItemCode) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (!most) throw new Error('No enterprise of 浙江 named a permit item.');
  return most[0];
}

/** The library is a moment behind, so both are read until they agree, or time is up. */
async function bothWays(
  read: () => Promise<string[]>,
  network: Network,
): Promise<{ bySql: string[]; byRpc: string[] }> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const bySql = await read();
    const byRpc = await eventsByRpc(network);
    if ((bySql.length > 0 && bySql.join() === byRpc.join()) || Date.now() > deadline)
      return { bySql, byRpc };
    await pause(POLL_MS);
  }
}

async function eventsBySql(reader: Db): Promise<string[]> {
  const { rows } = await query<{ id: string }>(
    reader,
    'select message_id as id from registration_feed order by message_id',
  );
  return rows.map(({ id }) => id);
}

async function eventsByRpc({ zhejiang }: Network): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ;) {
    const page = await zhejiang.dataCenter.listSharedRegistrations({
      subscriber: SUBSCRIBER,
      cursor,
      pageSize: 500,
    });
    for (const { registration } of page.registrations)
      ids.push(registration?.envelope?.messageId ?? '');
    if (page.upToDate) return ids.sort();
    cursor = page.nextCursor;
  }
}

async function isConfined(reader: Db, schema: string): Promise<boolean> {
  try {
    await query(reader, 'select 1 from ??.messages limit 1', [schema]);
    return false;
  } catch {
    return true;
  }
}
