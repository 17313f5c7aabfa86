import { CENTRAL_LAYER } from '../domain/catalog/layer.js';
import { query, type Db } from './database.js';

/** A central release as a province says it has it. */
export interface HeldVersion {
  readonly version: string;
  /** SHA-256 of the content, lower-case hex. */
  readonly digest: string;
}

/**
 * Keeps what a province holds, in place of what it said before. Since when it holds a release is when
 * this was first heard. Releases that this node does not have are left out, so that the table can't
 * grow past the catalogue.
 */
export async function storeHeld(db: Db, node: string, held: readonly HeldVersion[]): Promise<void> {
  const versions = held.map((one) => one.version);
  await db.transaction(async (trx) => {
    // First, and by key: reports of one province take turns.
    await query(
      trx,
      `insert into release_reports (node, reported_at) values (?, now())
       on conflict (node) do update set reported_at = excluded.reported_at`,
      [node],
    );
    await query(
      trx,
      `insert into release_holders (node, version, digest, held_since)
       select distinct on (x.version) ?, x.version, decode(x.digest, 'hex'), now()
         from unnest(?::text[], ?::text[]) as x(version, digest)
         join catalog_releases c on c.layer = ? and c.version = x.version
       on conflict (node, version) do update
          set digest = excluded.digest, held_since = excluded.held_since
        where release_holders.digest <> excluded.digest`,
      [node, versions, held.map((one) => one.digest), CENTRAL_LAYER],
    );
    await query(trx, 'delete from release_holders where node = ? and version <> all(?::text[])', [
      node,
      versions,
    ]);
  });
}

/** What one province said last. */
export interface HolderRow {
  readonly node: string;
  readonly reportedAt: Date;
  readonly held: readonly {
    readonly version: string;
    readonly digest: string;
    readonly since: Date;
  }[];
}

/** Every province that ever reported, by code. */
export async function listHolders(db: Db): Promise<HolderRow[]> {
  const { rows } = await query<{
    node: string;
    reportedAt: Date;
    version: string | null;
    digest: string;
    since: Date;
  }>(
    db,
    `select r.node, r.reported_at as "reportedAt", h.version, encode(h.digest, 'hex') as digest,
            h.held_since as since
       from release_reports r left join release_holders h using (node) order by r.node, h.version`,
  );
  const holders = new Map<string, HolderRow & { held: HolderRow['held'][number][] }>();
  for (const { node, reportedAt, version, digest, since } of rows) {
    const holder = holders.get(node) ?? { node, reportedAt, held: [] };
    if (version !== null) holder.held.push({ version, digest, since });
    holders.set(node, holder);
  }
  return [...holders.values()];
}

/** Central releases of this node that a province has not with the same content, for each that reported. */
export async function countBehind(
  db: Db,
): Promise<{ readonly node: string; readonly behind: number }[]> {
  const { rows } = await query<{ node: string; behind: number }>(
    db,
    `select r.node, count(c.version) filter (where h.digest is distinct from c.digest) as behind
       from release_reports r
       left join catalog_releases c on c.layer = ?
       left join release_holders h on h.node = r.node and h.version = c.version
      group by r.node order by r.node`,
    [CENTRAL_LAYER],
  );
  return rows;
}
