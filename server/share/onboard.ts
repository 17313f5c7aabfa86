import { auditedIn } from '../audit/commands.js';
import { configOfProcess } from '../config.js';
import { libraryLogin, withLoginStore, type LibraryLogin } from '../node/command-store.js';
import type { LetGo } from '../storage/library-roles.js';
import { offboardSubscriber, onboardSubscriber, type Scope } from './subscribers.js';

export type { LetGo, LibraryLogin, Scope };

/**
 * Takes a business system on as reader of the 共享库 (R47), in the database of the node that the HUB_*
 * variables describe and with an entry in its audit. One that was taken on before gets the new scope,
 * and a new password with `renewPassword`. Throws StartError.
 */
export function onboardReader(
  code: string,
  scope: Scope,
  renewPassword: boolean,
): Promise<LibraryLogin> {
  const config = configOfProcess();
  return withLoginStore(config, async (store) => {
    const { share } = store.libraries;
    const login = await auditedIn(
      store.knex,
      config.node,
      code,
    )('share.onboard', (trx) => onboardSubscriber(trx, share, code, scope, renewPassword));
    return libraryLogin(store, share, login);
  });
}

/** Lets a business system go: role, rights and sessions. Throws StartError. */
export function removeReader(code: string): Promise<LetGo> {
  const config = configOfProcess();
  return withLoginStore(config, ({ knex, libraries: { share } }) =>
    auditedIn(
      knex,
      config.node,
      code,
    )('share.remove', (trx) => offboardSubscriber(trx, share, code)),
  );
}
