import { query, type Db } from './database.js';

/** A business system that reads the shared library (R47). */
export interface Subscriber {
  readonly code: string;
  /** Its PostgreSQL role. */
  readonly role: string;
  /** Sees every enterprise. */
  readonly allItems: boolean;
  /** Else those that have, or had, one of these. */
  readonly permitItemCodes: readonly string[];
}

const COLUMNS = `code, role, all_items as "allItems", permit_item_codes as "permitItemCodes"`;

/** A subscriber by its code; undefined when it was not onboarded. Asks in the node's own schema. */
export async function findSubscriber(db: Db, code: string): Promise<Subscriber | undefined> {
  const { rows } = await query<Subscriber>(
    db,
    `select ${COLUMNS} from share_subscribers where code = ?`,
    [code],
  );
  return rows[0];
}

/** The role of a subscriber in a library; undefined when it was not onboarded. */
export async function subscriberRole(
  db: Db,
  share: string,
  code: string,
): Promise<string | undefined> {
  const { rows } = await query<{ role: string }>(
    db,
    'select role from ??.subscribers where code = ?',
    [share, code],
  );
  return rows[0]?.role;
}

/** Notes a subscriber, or its new scope. */
export async function saveSubscriber(db: Db, share: string, subscriber: Subscriber): Promise<void> {
  await query(
    db,
    `insert into ??.subscribers (code, role, all_items, permit_item_codes)
     values (?, ?, ?, ?::text[])
     on conflict (code) do update set role = excluded.role, all_items = excluded.all_items,
       permit_item_codes = excluded.permit_item_codes`,
    [share, subscriber.code, subscriber.role, subscriber.allItems, subscriber.permitItemCodes],
  );
}

/** Forgets a subscriber. */
export async function deleteSubscriber(db: Db, share: string, code: string): Promise<void> {
  await query(db, 'delete from ??.subscribers where code = ?', [share, code]);
}
