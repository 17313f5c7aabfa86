import type { Knex } from 'knex';
import { auditedIn } from '../audit/commands.js';
import { configOfProcess } from '../config.js';
import { withCommandStore } from '../node/command-store.js';
import { revokeCertificate, type StoredPrincipal, type StoredToken } from '../storage/access.js';
import {
  disable,
  fingerprint,
  issueToken,
  listCallers,
  register,
  revokeById,
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

/** Recorded with who ran the command: whom it is about, and what it was given. */
function audited<T>(
  action: string,
  subject: string,
  act: (trx: Knex.Transaction) => Promise<T>,
  outcome?: string,
): Promise<T> {
  const config = configOfProcess();
  return withCommandStore(config, ({ knex }) =>
    auditedIn(knex, config.node, subject)(action, act, outcome),
  );
}

function reachText({ regions, permitItems, actsFor }: Reach): string {
  const listed = (codes: readonly string[] | null): string => codes?.join(',') ?? 'all';
  // What gives the right to set and clear marks first: a long text is cut at its end.
  return `acts_for=${listed(actsFor)} regions=${listed(regions)} items=${listed(permitItems)}`;
}

/**
 * Who may call, as an operator changes it beside the node: in the database of the node that the HUB_*
 * variables describe, and with an entry in its audit. Roles come as they were typed. What is not
 * possible throws StartError.
 */
export const callers = {
  add: (role: string, code: string, reach: Reach, enable: boolean): Promise<void> =>
    audited(
      'access.add',
      `${role}:${code}`,
      (trx) => register(trx, roleOf(role), code, reach, enable),
      `${enable ? 'enable ' : ''}${reachText(reach)}`,
    ),

  issue: (role: string, code: string, days: number): Promise<NewToken> =>
    audited(
      'access.issue',
      `${role}:${code}`,
      (trx) => issueToken(trx, roleOf(role), code, days),
      `days=${days}`,
    ),

  rotate: (
    role: string,
    code: string,
    term: { readonly days: number; readonly overlapHours: number },
  ): Promise<NewToken & { readonly ending: number }> =>
    audited(
      'access.rotate',
      `${role}:${code}`,
      (trx) => rotateToken(trx, roleOf(role), code, term),
      `days=${term.days} overlap_hours=${term.overlapHours}`,
    ),

  /** `id`: number of a token, as listed. */
  revoke: (id: string): Promise<void> =>
    audited('access.revoke', `token:${id}`, (trx) => revokeById(trx, id)),

  /** `certificate`: its PEM file or its SHA-256; answers the latter. */
  revokeCertificate: async (certificate: string): Promise<string> => {
    const sha256 = await fingerprint(certificate);
    await audited('access.revoke', `certificate:${sha256}`, (trx) =>
      revokeCertificate(trx, sha256),
    );
    return sha256;
  },

  disable: (role: string, code: string): Promise<void> =>
    audited('access.disable', `${role}:${code}`, (trx) => disable(trx, roleOf(role), code)),

  list: (): Promise<RegisteredCaller[]> => onStore(listCallers),
};
