import type { Knex } from 'knex';
import type { Role } from '../domain/access/principal.js';
import { StartError } from '../node/patience.js';
import { HUB_NODES } from '../reference/nodes.js';
import {
  disablePrincipal,
  expireTokens,
  findPrincipal,
  insertToken,
  listPrincipals,
  listTokens,
  savePrincipal,
  type StoredPrincipal,
  type StoredToken,
} from '../storage/access.js';
import { hashOfToken, makeToken } from './token.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Roles that are registered; nodes are known by the plan and have certificates only. */
export const REGISTERED: readonly Role[] = ['registry', 'department', 'business', 'administrator'];

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
  );
}

/** Registers a principal or changes its reach. Throws StartError for a region that can not be one. */
export async function register(knex: Knex, role: Role, code: string, reach: Reach): Promise<void> {
  if (code.trim() === '' || code.length > 64)
    throw new StartError('代码为 1 至 64 个字符 · the code has 1 to 64 characters');
  for (const region of reach.regions ?? [])
    if (!/^\d{6}$/.test(region))
      throw new StartError(
        `${region} 应为六位行政区划代码 · should be a region code of six digits`,
      );
  await savePrincipal(knex, { role, code, ...reach });
}

/** Makes a token for a principal. Throws StartError when there is none, or it is disabled. */
export async function issueToken(
  knex: Knex,
  role: Role,
  code: string,
  days: number,
): Promise<NewToken> {
  const principal = await findPrincipal(knex, role, code);
  if (!principal || principal.disabledAt)
    throw new StartError(
      `${role}:${code} 未登记或已停用,请先 add · is not registered, or disabled; add it first`,
    );
  if (!(days > 0 && days <= 3650)) throw new StartError('天数 1–3650 · days: 1 to 3650');
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
    throw new StartError('重叠 0–2160 小时 · overlap: 0 to 2160 hours');
  return knex.transaction(async (trx) => {
    const until = new Date(Date.now() + term.overlapHours * HOUR_MS);
    const ending = await expireTokens(trx, role, code, until);
    return { ...(await issueToken(trx, role, code, term.days)), ending };
  });
}

/** Shuts a principal out. Throws StartError when there is none. */
export async function disable(knex: Knex, role: Role, code: string): Promise<void> {
  if (!(await disablePrincipal(knex, role, code)))
    throw new StartError(`${role}:${code} 未登记 · is not registered`);
}

/** Everybody who may call, a line each, with tokens and the time of last use. */
export async function describeAll(knex: Knex, now: Date): Promise<string> {
  const tokens = await listTokens(knex);
  const lines = (await listPrincipals(knex)).flatMap((principal) => [
    describePrincipal(principal),
    ...tokens
      .filter(({ role, code }) => role === principal.role && code === principal.code)
      .map((token) => describeToken(token, now)),
  ]);
  const nodes = `节点凭证书,无需登记 · nodes have certificates and need no registration (${HUB_NODES.length})`;
  return [...lines, nodes].join('\n');
}

function describePrincipal(principal: StoredPrincipal): string {
  const { role, code, regions, permitItems, actsFor, disabledAt, lastUsedAt } = principal;
  const list = (codes: readonly string[] | null): string =>
    codes === null ? '全部 all' : codes.join(',') || '无 none';
  return [
    `${role}:${code}${disabledAt ? '  已停用 disabled' : ''}`,
    `辖区 regions ${list(regions)}`,
    `事项 items ${list(permitItems)}`,
    ...(actsFor.length > 0 ? [`代报 for ${actsFor.join(',')}`] : []),
    `最近使用 last used ${dateOf(lastUsedAt)}`,
  ].join('  ');
}

function describeToken(token: StoredToken, now: Date): string {
  const state = token.revokedAt
    ? '已吊销 revoked'
    : token.expiresAt <= now
      ? '已过期 expired'
      : `有效至 until ${dateOf(token.expiresAt)}`;
  return `  令牌 token ${token.id}  ${state}  最近使用 last used ${dateOf(token.lastUsedAt)}`;
}

function dateOf(date: Date | null): string {
  return date?.toISOString() ?? '从未 never';
}
