import type { Knex } from 'knex';
import { configOfProcess } from '../config.js';
import { withCommandStore } from '../node/command-store.js';
import type { StoredPrincipal, StoredToken } from '../storage/access.js';
import {
  disable,
  issueToken,
  listCallers,
  register,
  revokeById,
  revokeShown,
  roleOf,
  rotateToken,
  type NewToken,
  type Reach,
  type RegisteredCaller,
} from './principals.js';

export type { NewToken, RegisteredCaller, StoredPrincipal, StoredToken };

function onStore<T>(act: (knex: Knex) => Promise<T>): Promise<T> {
  return withCommandStore(configOfProcess(), ({ knex }) => act(knex));
}

/**
 * Who may call, as an operator changes it beside the node: in the database of the node that the HUB_*
 * variables describe. Roles come as they were typed. What is not possible throws StartError.
 */
export const callers = {
  add: (role: string, code: string, reach: Reach): Promise<void> =>
    onStore((knex) => register(knex, roleOf(role), code, reach)),

  issue: (role: string, code: string, days: number): Promise<NewToken> =>
    onStore((knex) => issueToken(knex, roleOf(role), code, days)),

  rotate: (
    role: string,
    code: string,
    term: { readonly days: number; readonly overlapHours: number },
  ): Promise<NewToken & { readonly ending: number }> =>
    onStore((knex) => rotateToken(knex, roleOf(role), code, term)),

  /** `id`: number of a token, as listed. */
  revoke: (id: string): Promise<void> => onStore((knex) => revokeById(knex, id)),

  /** `certificate`: its PEM file or its SHA-256; answers the latter. */
  revokeCertificate: (certificate: string): Promise<string> =>
    onStore((knex) => revokeShown(knex, certificate)),

  disable: (role: string, code: string): Promise<void> =>
    onStore((knex) => disable(knex, roleOf(role), code)),

  list: (): Promise<RegisteredCaller[]> => onStore(listCallers),
};
