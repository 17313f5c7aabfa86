import type { Knex } from 'knex';
import {
  dropLogin,
  ensureLogin,
  grantRights,
  type Credentials,
  type LetGo,
} from '../storage/library-roles.js';
import { deleteSubscriber, saveSubscriber, subscriberRole } from '../storage/share-subscribers.js';
import { READABLE } from './tables.js';

/** What a business system may see: everything, or the enterprises with one of these items. */
export type Scope = 'all' | readonly string[];

/**
 * Takes a business system on (R47): role, password, rights, scope, in one transaction. One that
 * was taken on before gets the new scope, and a new password only when asked for.
 */
export function onboardSubscriber(
  knex: Knex,
  share: string,
  code: string,
  scope: Scope,
  renewPassword = false,
): Promise<Credentials> {
  return knex.transaction(async (trx) => {
    const noted = await subscriberRole(trx, share, code);
    const login = await ensureLogin(trx, share, code, noted, renewPassword);
    const { role } = login;
    const grants = READABLE.map((table) => ({ right: 'select', table }));
    await grantRights(trx, role, { library: share, grants });
    const allItems = scope === 'all';
    const permitItemCodes = allItems ? [] : [...new Set(scope)].sort();
    await saveSubscriber(trx, share, { code, role, allItems, permitItemCodes });
    return login;
  });
}

/** Lets a business system go: its role, its rights and its sessions are gone. */
export function offboardSubscriber(knex: Knex, share: string, code: string): Promise<LetGo> {
  return knex.transaction(async (trx) => {
    const role = await subscriberRole(trx, share, code);
    await deleteSubscriber(trx, share, code);
    return dropLogin(trx, role, share);
  });
}
