import type { Role } from '../domain/access/principal.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

/** Who may call, as registered. */
export interface StoredPrincipal {
  readonly role: Role;
  readonly code: string;
  /** Null: all. */
  readonly regions: readonly string[] | null;
  readonly permitItems: readonly string[] | null;
  readonly actsFor: readonly string[];
  readonly disabledAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A token, without what would let anybody use it. */
export interface StoredToken {
  readonly id: number;
  readonly hash: Buffer;
  readonly role: Role;
  readonly code: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const PRINCIPAL = `p.role, p.code, p.regions, p.permit_items as "permitItems",
  p.acts_for as "actsFor", p.disabled_at as "disabledAt", p.last_used_at as "lastUsedAt"`;
const TOKEN = `t.id, t.hash, t.role, t.code, t.expires_at as "expiresAt",
  t.revoked_at as "revokedAt", t.last_used_at as "lastUsedAt"`;

/** A token that is good, with whom it proves. */
export type GoodToken = StoredPrincipal & Pick<StoredToken, 'id' | 'hash' | 'expiresAt'>;

/**
 * What tokens prove, each in the place of its hash; null when it is not known, revoked or expired, or its
 * owner disabled.
 */
export async function findTokens(db: Db, hashes: readonly Buffer[]): Promise<(GoodToken | null)[]> {
  const { rows } = await query<GoodToken>(
    db,
    `select ${PRINCIPAL}, t.id, t.hash, t.expires_at as "expiresAt"
       from access_tokens t join access_principals p using (role, code)
      where t.hash = any(?::bytea[]) and t.revoked_at is null and t.expires_at > now()
        and p.disabled_at is null`,
    [new Columns(hashes).bytea((hash) => hash)],
  );
  const found = new Map(rows.map((row) => [row.hash.toString('base64'), row]));
  return hashes.map((hash) => found.get(hash.toString('base64')) ?? null);
}

/** Whether a certificate was revoked, and whom it names, when that is registered. */
export async function findCertificate(
  db: Db,
  fingerprint: string,
  role: string,
  code: string,
): Promise<{ readonly revoked: boolean; readonly principal: StoredPrincipal | undefined }> {
  const revoked = await query(
    db,
    'select 1 from access_revoked_certificates where fingerprint = ?',
    [fingerprint],
  );
  const principal = await findPrincipal(db, role, code);
  return { revoked: revoked.rowCount > 0, principal };
}

/** A principal by its name; undefined when it is not registered. */
export async function findPrincipal(
  db: Db,
  role: string,
  code: string,
): Promise<StoredPrincipal | undefined> {
  const { rows } = await query<StoredPrincipal>(
    db,
    `select ${PRINCIPAL} from access_principals p where p.role = ? and p.code = ?`,
    [role, code],
  );
  return rows[0];
}

/** For which authorities each of these departments is the declared data unit (VR23); none: left out. */
export async function actsForOf(
  db: Db,
  codes: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await query<{ code: string; actsFor: string[] }>(
    db,
    `select code, acts_for as "actsFor" from access_principals
      where role = 'department' and code = any(?::text[]) and disabled_at is null`,
    [codes],
  );
  return new Map(rows.map(({ code, actsFor }) => [code, actsFor]));
}

/** Registers a principal, or changes what it has to do with, and lets it call; its tokens stay. */
export async function savePrincipal(
  db: Db,
  principal: Pick<StoredPrincipal, 'role' | 'code' | 'regions' | 'permitItems' | 'actsFor'>,
): Promise<void> {
  const { role, code, regions, permitItems, actsFor } = principal;
  await query(
    db,
    `insert into access_principals (role, code, regions, permit_items, acts_for, created_at)
     values (?, ?, ?::text[], ?::text[], ?::text[], now())
     on conflict (role, code) do update set regions = excluded.regions,
       permit_items = excluded.permit_items, acts_for = excluded.acts_for, disabled_at = null`,
    [role, code, regions, permitItems, actsFor],
  );
}

/** Shuts a principal out, with all its certificates and tokens. Answers whether there is one. */
export async function disablePrincipal(db: Db, role: string, code: string): Promise<boolean> {
  const { rowCount } = await query(
    db,
    'update access_principals set disabled_at = now() where role = ? and code = ?',
    [role, code],
  );
  return rowCount > 0;
}

/** All principals, by name. */
export async function listPrincipals(db: Db): Promise<StoredPrincipal[]> {
  const { rows } = await query<StoredPrincipal>(
    db,
    `select ${PRINCIPAL} from access_principals p order by role, code`,
  );
  return rows;
}

/** Notes a token by its hash; answers its number. */
export async function insertToken(
  db: Db,
  token: Pick<StoredToken, 'hash' | 'role' | 'code' | 'expiresAt'>,
): Promise<number> {
  const { rows } = await query<{ id: number }>(
    db,
    `insert into access_tokens (hash, role, code, created_at, expires_at)
     values (?, ?, ?, now(), ?) returning id`,
    [token.hash, token.role, token.code, token.expiresAt],
  );
  return rows[0]?.id ?? 0;
}

/** The tokens of one principal, or of all of them. */
export async function listTokens(db: Db, role = '', code = ''): Promise<StoredToken[]> {
  const { rows } = await query<StoredToken>(
    db,
    `select ${TOKEN} from access_tokens t
      where ? = '' or (t.role = ? and t.code = ?) order by t.role, t.code, t.id`,
    [role, role, code],
  );
  return rows;
}

/** Ends the tokens of a principal that would hold longer. Answers how many. */
export async function expireTokens(db: Db, role: string, code: string, at: Date): Promise<number> {
  const { rowCount } = await query(
    db,
    `update access_tokens set expires_at = ?
      where role = ? and code = ? and revoked_at is null and expires_at > ?`,
    [at, role, code, at],
  );
  return rowCount;
}

/** Revokes every token of a principal. */
export async function revokeTokens(db: Db, role: string, code: string): Promise<void> {
  await query(
    db,
    `update access_tokens set revoked_at = now()
      where role = ? and code = ? and revoked_at is null`,
    [role, code],
  );
}

/** Revokes a token. Answers whether there was one to revoke. */
export async function revokeToken(db: Db, id: number): Promise<boolean> {
  const { rowCount } = await query(
    db,
    'update access_tokens set revoked_at = now() where id = ? and revoked_at is null',
    [id],
  );
  return rowCount > 0;
}

/** Revokes a certificate by its fingerprint, whoever it names. */
export async function revokeCertificate(db: Db, fingerprint: string): Promise<void> {
  await query(
    db,
    `insert into access_revoked_certificates (fingerprint, revoked_at) values (?, now())
     on conflict do nothing`,
    [fingerprint],
  );
}

/** One credential that was used. `tokenId` 0: a certificate. */
export interface Use {
  readonly role: Role;
  readonly code: string;
  readonly tokenId: number;
  readonly at: Date;
}

/** Notes when credentials were last used, many at once. */
export async function noteUses(db: Db, uses: readonly Use[]): Promise<void> {
  if (uses.length === 0) return;
  const columns = [
    uses.map((use) => use.role),
    uses.map((use) => use.code),
    uses.map((use) => use.tokenId),
    uses.map((use) => use.at),
  ];
  const USED =
    'unnest(?::text[], ?::text[], ?::bigint[], ?::timestamptz[]) as u(role, code, id, at)';
  await query(
    db,
    `update access_tokens t set last_used_at = u.at from ${USED} where t.id = u.id`,
    columns,
  );
  await query(
    db,
    `update access_principals p set last_used_at = u.at
       from (select role, code, max(at) as at from ${USED} group by role, code) as u
      where p.role = u.role and p.code = u.code`,
    columns,
  );
}
