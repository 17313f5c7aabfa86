import { fromBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { CatalogReleaseSchema, type CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { LineageOf } from '../domain/catalog/layered-view.js';
import { createCatalogLibrary, type ReleaseLibrary } from '../domain/catalog/library.js';
import { appendAudit } from '../storage/audit.js';
import {
  getRelease,
  listReleases,
  loadAll,
  replaceRelease,
  shelfMark,
  type ShelfMark,
  type StoredRelease,
  type StoredVersion,
} from '../storage/catalog-releases.js';
import { createPoll, type Poll } from '../repeating/poll.js';
import {
  publishRelease,
  releaseEntry,
  type Publication,
  type ReleaseDraft,
} from './publication.js';
import { receivedForm } from './stored-form.js';

/** The releases a node holds, in memory and in its database. */
export interface CatalogShelf {
  /** The library as of the last publishing or refresh; the same object until something changes. */
  current(): ReleaseLibrary;
  /** Every release held, newest effective date first; of equal ones the later stored first. */
  versions(): readonly StoredVersion[];
  /** One release with its stored bytes; undefined when it is not held. */
  release(layer: string, version: string): Promise<StoredRelease | undefined>;
  /**
   * Checks a release and, unless `dryRun` or an error was found, publishes it (R4, R6, R9, R25).
   * @throws HubError RELEASE_EXISTS when another process published the version meanwhile.
   */
  publish(draft: ReleaseDraft, dryRun: boolean): Promise<Publication>;
  /** Takes over the bytes of a release as its one writer published them (F2). False: held already. */
  adopt(content: Uint8Array): Promise<boolean>;
  /** Looks for releases that other processes stored. True when there was something new. */
  refresh(): Promise<boolean>;
  /** Refreshes every few seconds until `close`. */
  watch(): void;
  /** Ends watching and waits for a refresh under way. */
  close(): Promise<void>;
}

/** What a shelf needs. */
export interface ShelfOptions {
  readonly knex: Knex;
  /** The node's own code; its layer lies on the central one. */
  readonly node: string;
  readonly lineageOf: LineageOf;
  readonly provinceOf: (regionCode: string) => string | undefined;
  /** Today's civil date in Asia/Shanghai. */
  readonly today: () => string;
  readonly log: Logger;
  /** Milliseconds between two looks at the database. Unset: 3000. */
  readonly pollMs?: number;
}

interface Held {
  readonly mark: ShelfMark;
  readonly versions: readonly StoredVersion[];
  /** Releases by digest, so that a reload decodes only what is new. */
  readonly decoded: ReadonlyMap<string, CatalogRelease>;
  readonly library: ReleaseLibrary;
}

/** Releases kept as they were stored. */
const WHOLE_KEPT = 2;

/** Opens the shelf with what the database holds, which may be nothing: see `seedShelf`. */
export async function openShelf(options: ShelfOptions): Promise<CatalogShelf> {
  const { knex } = options;
  let held = await load(options);
  let refreshing: Promise<boolean> | undefined;
  // Anybody may ask for a whole release: the database is asked for it once, not for each of them.
  const stored = new LRUCache<string, StoredRelease, StoredVersion>({
    max: WHOLE_KEPT,
    fetchMethod: (_digest, _before, { context }) =>
      getRelease(knex, context.layer, context.version),
  });

  async function reload(): Promise<boolean> {
    if ((await shelfMark(knex)) === held.mark) return false;
    held = await load(options, held);
    return true;
  }

  /** One at a time; a caller who comes during one gets a fresh one after it. */
  async function refresh(): Promise<boolean> {
    await refreshing?.catch(() => undefined);
    refreshing ??= reload().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  const poll: Poll = createPoll({
    run: refresh,
    intervalMs: options.pollMs ?? 3000,
    failed: (error) => options.log.warn({ err: error }, '目录刷新失败 / catalogue refresh failed'),
  });
  return {
    current: () => held.library,
    versions: () => held.versions,
    release: async (layer, version) => {
      const one = held.versions.find((each) => each.layer === layer && each.version === version);
      return one && stored.fetch(hex(one.digest), { context: one });
    },
    async publish(draft, dryRun) {
      const publication = await publishRelease(
        { ...options, library: held.library },
        draft,
        dryRun,
      );
      if (publication.published) await refresh();
      return publication;
    },
    async adopt(content) {
      const form = receivedForm(content);
      const adopted = await knex.transaction(async (trx) => {
        const changed = await replaceRelease(trx, form);
        const entry = releaseEntry('catalogue.adopt', 'node:100000', form);
        if (changed) await appendAudit(trx, options.node, [entry]);
        return changed;
      });
      if (adopted) await refresh();
      return adopted;
    },
    refresh,
    watch: poll.start,
    close: poll.stop,
  };
}

/** Reads what is stored; content only of what was not held before. */
async function load(options: ShelfOptions, before?: Held): Promise<Held> {
  const { knex } = options;
  const mark = await shelfMark(knex);
  const known = before?.decoded ?? byDigest(await loadAll(knex));
  const versions = await listReleases(knex);
  const decoded = new Map<string, CatalogRelease>();
  for (const version of versions) {
    const digest = hex(version.digest);
    const release = known.get(digest) ?? (await readRelease(knex, version));
    if (release) decoded.set(digest, release);
  }
  return {
    mark,
    versions: newestFirst(versions),
    decoded,
    library: createCatalogLibrary([...decoded.values()], options),
  };
}

async function readRelease(
  knex: Knex,
  { layer, version }: StoredVersion,
): Promise<CatalogRelease | undefined> {
  const stored = await getRelease(knex, layer, version);
  return stored && fromBinary(CatalogReleaseSchema, stored.content);
}

function byDigest(stored: readonly StoredRelease[]): ReadonlyMap<string, CatalogRelease> {
  return new Map(
    stored.map(({ digest, content }) => [hex(digest), fromBinary(CatalogReleaseSchema, content)]),
  );
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}

/** The sort is stable: turned round first, later stored releases come before earlier ones. */
function newestFirst(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  return versions
    .toReversed()
    .sort((a, b) =>
      a.effectiveFrom === b.effectiveFrom ? 0 : a.effectiveFrom < b.effectiveFrom ? 1 : -1,
    );
}
