import { HubError } from '../domain/errors.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Db } from './database.js';

/** A release without its content. */
export interface StoredVersion {
  /** `100000` or the province's node code. */
  readonly layer: string;
  readonly version: string;
  /** Civil date `YYYY-MM-DD`. */
  readonly effectiveFrom: string;
  readonly provisional: boolean;
  readonly titleZh: string;
  readonly titleEn: string;
  readonly provenance: string;
  readonly entryCount: number;
  readonly itemCount: number;
  /** SHA-256 of the content. */
  readonly digest: Uint8Array;
  readonly storedAt: Date;
}

/** A release with the bytes of its `CatalogRelease`, exactly as they were published. */
export interface StoredRelease extends StoredVersion {
  readonly content: Uint8Array;
}

/** What is stored; the time is the database's. */
export type NewRelease = Omit<StoredRelease, 'storedAt'>;

/** Changes whenever a release is stored or replaced; equal marks mean nothing new. */
export type ShelfMark = string;

const TABLE = 'catalog_releases';

interface VersionRow {
  readonly layer: string;
  readonly version: string;
  readonly effective_from: string;
  readonly provisional: boolean;
  readonly title_zh: string;
  readonly title_en: string;
  readonly provenance: string;
  readonly entry_count: number;
  readonly item_count: number;
  readonly digest: Buffer;
  readonly stored_at: Date;
}

interface ReleaseRow extends VersionRow {
  readonly content: Buffer;
}

const VERSION_COLUMNS = [
  'layer',
  'version',
  'provisional',
  'title_zh',
  'title_en',
  'provenance',
  'entry_count',
  'item_count',
  'digest',
  'stored_at',
] as const;

/**
 * Stores a release (R4). True when it is new; false when the same content is already there, so that
 * publishing twice changes nothing.
 * @throws HubError RELEASE_EXISTS when the version is there with other content.
 */
export async function insertRelease(db: Db, release: NewRelease): Promise<boolean> {
  const inserted = await db(TABLE)
    .insert(toRow(release))
    .onConflict(['layer', 'version'])
    .ignore()
    .returning('version');
  if (inserted.length > 0) return true;
  const held = await db(TABLE)
    .where({ layer: release.layer, version: release.version })
    .first<{ digest: Buffer } | undefined>('digest');
  if (held?.digest.equals(release.digest)) return false;
  throw releaseExists(release.version);
}

/**
 * Stores a release of the one writer of a layer (R4): what is held of the version gives way, and the
 * release counts as stored now. False when the same content is already there.
 */
export async function replaceRelease(db: Db, release: NewRelease): Promise<boolean> {
  const row = toRow(release);
  const changed = await db(TABLE)
    .insert(row)
    .onConflict(['layer', 'version'])
    .merge({ ...row, stored_at: db.fn.now() })
    .where(`${TABLE}.digest`, '<>', row.digest)
    .returning('version');
  return changed.length > 0;
}

/** Every release held, without content, in the order stored. `layer` unset: of all layers. */
export async function listReleases(db: Db, layer?: string): Promise<readonly StoredVersion[]> {
  const query = db(TABLE).select<VersionRow[]>([...VERSION_COLUMNS, civilDate(db)]);
  if (layer !== undefined) void query.where({ layer });
  return (await query.orderBy(['stored_at', 'layer', 'version'])).map(toVersion);
}

/** One release with its content; undefined when it is not held. */
export async function getRelease(
  db: Db,
  layer: string,
  version: string,
): Promise<StoredRelease | undefined> {
  const row = await db(TABLE)
    .where({ layer, version })
    .first<ReleaseRow | undefined>([...VERSION_COLUMNS, 'content', civilDate(db)]);
  return row && toRelease(row);
}

/** Every release with its content, in the order stored. */
export async function loadAll(db: Db): Promise<readonly StoredRelease[]> {
  const rows = await db(TABLE)
    .select<ReleaseRow[]>([...VERSION_COLUMNS, 'content', civilDate(db)])
    .orderBy(['stored_at', 'layer', 'version']);
  return rows.map(toRelease);
}

/** A mark of what is held, cheap enough to ask every few seconds. */
export async function shelfMark(db: Db): Promise<ShelfMark> {
  const row = await db(TABLE).first<{ mark: string }>(
    db.raw(
      "coalesce(md5(string_agg(encode(digest, 'hex'), ' ' order by layer, version)), '') as mark",
    ),
  );
  return row.mark;
}

/** A date column comes back as a Date at local midnight, a civil date must not (D12). */
function civilDate(db: Db): ReturnType<Db['raw']> {
  return db.raw("to_char(effective_from, 'YYYY-MM-DD') as effective_from");
}

function toRow(release: NewRelease) {
  return {
    layer: release.layer,
    version: release.version,
    effective_from: release.effectiveFrom,
    provisional: release.provisional,
    title_zh: release.titleZh,
    title_en: release.titleEn,
    provenance: release.provenance,
    entry_count: release.entryCount,
    item_count: release.itemCount,
    digest: Buffer.from(release.digest),
    content: Buffer.from(release.content),
  };
}

function toVersion(row: VersionRow): StoredVersion {
  return {
    layer: row.layer,
    version: row.version,
    effectiveFrom: row.effective_from,
    provisional: row.provisional,
    titleZh: row.title_zh,
    titleEn: row.title_en,
    provenance: row.provenance,
    entryCount: row.entry_count,
    itemCount: row.item_count,
    digest: row.digest,
    storedAt: row.stored_at,
  };
}

function toRelease(row: ReleaseRow): StoredRelease {
  return { ...toVersion(row), content: row.content };
}

function releaseExists(version: string): HubError {
  return new HubError(
    ErrorReason.RELEASE_EXISTS,
    {
      zh: `目录版本 ${version} 已经发布过，内容不同；已发布的版本不能修改，请使用新的版本号。`,
      en: `Release ${version} was published before with other content; a published release never changes, use a new version.`,
    },
    { metadata: { version } },
  );
}
