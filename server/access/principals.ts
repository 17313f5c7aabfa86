import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import type { Role } from '../domain/access/principal.js';
import { StartError } from '../node/patience.js';
import {
  disablePrincipal,
  expireTokens,
  findPrincipal,
  insertToken,
  listPrincipals,
  listTokens,
  revokeToken,
  revokeTokens,
  savePrincipal,
  type StoredPrincipal,
  type StoredToken,
} from '../storage/access.js';
import { hashOfToken, makeToken } from './token.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Roles that are registered; nodes are known by the plan and have certificates only. */
const REGISTERED: readonly Role[] = ['registry', 'department', 'business', 'administrator'];

/** What a principal has to do with; null: all. */
export type Reach = Pick<StoredPrincipal, 'regions' | 'permitItems' | 'actsFor'>;

/** A token that was just made. The text is not kept anywhere. */
export interface NewToken {
  readonly id: number;
  readonly token: string;
  readonly expiresAt: Date;
}

/** A role that may be registered. Throws StartError. */
export function roleOf(text: string): Role {
  const role = REGISTERED.find((one) => one === text);
  if (role) return role;
  throw new StartError(
    `角色应为 ${REGISTERED.join('、')} 之一 · the role should be one of ${REGISTERED.join(', ')}`,
    'wrong',
  );
}

/**
 * Registers a principal or changes its reach. One that was shut out is let in again only with `enable`, and
 * without its old tokens. Throws StartError for that, and for a region that can not be one.
 */
export async function register(
  knex: Knex,
  role: Role,
  code: string,
  reach: Reach,
  enable = false,
): Promise<void> {
  if (code.trim() === '' || code.length > 64)
    throw new StartError('代码为 1 至 64 个字符 · the code has 1 to 64 characters', 'wrong');
  for (const region of reach.regions ?? [])
    if (!/^\d{6}$/.test(region))
      throw new StartError(
        `${region} 应为六位行政区划代码 · ${region} should be a region code of six digits`,
        'wrong',
      );
  const known = await findPrincipal(knex, role, code);
  if (known?.disabledAt && !enable)
    throw new StartError(
      `${role}:${code} 已停用。确要恢复,请加 --enable:旧令牌不恢复,须重新签发;未吊销的证书重新有效 · ` +
        `${role}:${code} is disabled. With --enable it may call again: its old tokens stay revoked, and certificates that ` +
        'were not revoked hold again.',
    );
  // Earlier versions left the tokens of who was shut out as they were.
  if (known?.disabledAt) await revokeTokens(knex, role, code);
  await savePrincipal(knex, { role, code, ...reach });
}

/** Makes a token for a principal. Throws StartError when there is none, or it is disabled. */
export async function issueToken(
  knex: Knex,
  role: Role,
  code: string,
  days: number,
): Promise<NewToken> {
  if (!(days > 0 && days <= 3650)) throw new StartError('天数 1–3650 · days: 1 to 3650', 'wrong');
  const principal = await findPrincipal(knex, role, code);
  if (!principal || principal.disabledAt)
    throw new StartError(
      `${role}:${code} 未登记或已停用,请先 add(已停用的加 --enable) · ` +
        `${role}:${code} is not registered, or disabled; add it first (a disabled one with --enable)`,
    );
  const token = makeToken();
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  const id = await insertToken(knex, { hash: hashOfToken(token), role, code, expiresAt });
  return { id, token, expiresAt };
}

/** A new token beside the old ones, which hold for so many hours more. */
export async function rotateToken(
  knex: Knex,
  role: Role,
  code: string,
  term: { readonly days: number; readonly overlapHours: number },
): Promise<NewToken & { readonly ending: number }> {
  if (!(term.overlapHours >= 0 && term.overlapHours <= 24 * 90))
    throw new StartError('重叠 0–2160 小时 · overlap: 0 to 2160 hours', 'wrong');
  return knex.transaction(async (trx) => {
    const until = new Date(Date.now() + term.overlapHours * HOUR_MS);
    const ending = await expireTokens(trx, role, code, until);
    return { ...(await issueToken(trx, role, code, term.days)), ending };
  });
}

/** Shuts a principal out and revokes its tokens. Throws StartError when there is none. */
export async function disable(knex: Knex, role: Role, code: string): Promise<void> {
  if (!(await disablePrincipal(knex, role, code)))
    throw new StartError(`${role}:${code} 未登记 · is not registered`);
  await revokeTokens(knex, role, code);
}

/** Somebody who may call, with every token that was made for it. */
export interface RegisteredCaller {
  readonly principal: StoredPrincipal;
  readonly tokens: readonly StoredToken[];
}

/** Everybody who may call besides the nodes. */
export async function listCallers(knex: Knex): Promise<RegisteredCaller[]> {
  const tokens = await listTokens(knex);
  return (await listPrincipals(knex)).map((principal) => ({
    principal,
    tokens: tokens.filter(({ role, code }) => role === principal.role && code === principal.code),
  }));
}

/** Revokes the token of a number, as listed. Throws StartError when there is none to revoke. */
export async function revokeById(knex: Knex, id: string): Promise<void> {
  if (!/^\d{1,15}$/.test(id) || !(await revokeToken(knex, Number(id))))
    throw new StartError('没有此有效令牌 · there is no such token to revoke');
}

/** SHA-256 of a certificate, given so or as its PEM file. Throws StartError. */
export async function fingerprint(text: string): Promise<string> {
  const hex = text.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  const pem = await readFile(text).catch(() => {
    throw new StartError(
      `${text}: 既不是 SHA-256 也不是可读文件 · neither SHA-256 nor a readable file`,
      'wrong',
    );
  });
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}
