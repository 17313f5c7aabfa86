import type { Logger } from 'pino';
import type { CatalogVersion } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { HubClient } from '../../clients/client.js';
import { CENTRAL_LAYER } from '../domain/catalog/layer.js';
import { createPoll } from '../repeating/poll.js';
import type { CatalogShelf } from './shelf.js';
import { digestOf, receivedForm } from './stored-form.js';

/** The calls by which a province follows the national node, and tells it how far it has come. */
export type UpstreamCatalog = Pick<
  HubClient<typeof ScopeCatalog>,
  'listCatalogVersions' | 'getCatalogVersion' | 'reportHeldReleases'
>;

/** What a follower needs. */
export interface FollowerOptions {
  readonly client: UpstreamCatalog;
  /** The province's own code. */
  readonly node: string;
  readonly shelf: Pick<CatalogShelf, 'versions' | 'adopt'>;
  /** Milliseconds between two looks; failures in a row double it, up to ten times. */
  readonly intervalMs: number;
  readonly log: Logger;
}

/** Keeps the central layer of a province equal to the national one (F2, R16, R23). */
export interface CatalogFollower {
  start(): void;
  stop(): Promise<void>;
  /**
   * Pulls what is missing now. The number of releases taken over.
   * @throws HubClientError when the national node can't be reached, UpstreamError when it answers
   * something that can't be.
   */
  pullNow(): Promise<number>;
  /** Central releases that the national node has and this one not yet; -1: not known. */
  lag(): number;
  /**
   * Whether it is uncertain that everything the national node has is held: its list was not read at the
   * last look, or not at all yet, or a release of it is missing (F1).
   */
  isStale(): boolean;
  /** When the national node's list was last seen, which `lag` counts from. Undefined: not yet. */
  checkedAt(): Date | undefined;
}

/** The national node's answer does not fit its own list. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
}

const PAGE_SIZE = 200;
/** Pages read at most; a list that never ends must not hold the follower. */
const MAX_PAGES = 100;
/** Releases of a report at most, the newest. */
const REPORTED = 1_000;

/** Makes a follower; nothing happens before `start` or `pullNow`. */
export function createCatalogFollower(options: FollowerOptions): CatalogFollower {
  let missing = -1;
  let checkedAt: Date | undefined;
  let isListRead = false;
  const report = createReport(options);
  let pulling: Promise<number> | undefined;

  async function readList(): Promise<readonly CatalogVersion[]> {
    try {
      const list = await listUpstream(options.client);
      isListRead = true;
      return list;
    } catch (error) {
      isListRead = false;
      throw error;
    }
  }

  async function pull(): Promise<number> {
    const wanted = missingVersions(await readList(), options.shelf);
    missing = wanted.length;
    checkedAt = new Date();
    let refused: UpstreamError | undefined;
    for (const version of wanted) {
      try {
        await takeOver(options, version);
        missing -= 1;
      } catch (error) {
        // A release that is not what it says must not keep back the ones after it.
        if (!(error instanceof UpstreamError)) throw error;
        refused ??= error;
      }
    }
    await report();
    if (refused) throw refused;
    return wanted.length;
  }

  const pullNow = (): Promise<number> =>
    (pulling ??= pull().finally(() => {
      pulling = undefined;
    }));
  const poll = createPoll({
    run: pullNow,
    intervalMs: options.intervalMs,
    failed: (error) =>
      options.log.warn(
        { err: error },
        '目录同步失败，稍后重试 / catalogue pull failed, will retry',
      ),
  });
  return {
    start: poll.start,
    stop: poll.stop,
    pullNow,
    lag: () => missing,
    isStale: () => !isListRead || missing !== 0,
    checkedAt: () => checkedAt,
  };
}

/**
 * Tells the national node what is held now. That it could not be told is no failure of following: a
 * national node of before does not know the call. Only the first failure in a row is logged.
 */
function createReport({ client, node, shelf, log }: FollowerOptions): () => Promise<void> {
  let failed = false;
  return async () => {
    const releases = heldCentral(shelf).slice(0, REPORTED);
    try {
      await client.reportHeldReleases({ node, releases });
      failed = false;
    } catch (error) {
      if (!failed)
        log.warn({ err: error }, '所持目录版本未能报告 / the releases held could not be reported');
      failed = true;
    }
  };
}

function heldCentral(shelf: FollowerOptions['shelf']): { version: string; digest: string }[] {
  return shelf
    .versions()
    .filter(({ layer }) => layer === CENTRAL_LAYER)
    .map(({ version, digest }) => ({ version, digest: Buffer.from(digest).toString('hex') }));
}

async function listUpstream(client: UpstreamCatalog): Promise<readonly CatalogVersion[]> {
  const versions: CatalogVersion[] = [];
  let pageToken = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.listCatalogVersions({
      layer: CENTRAL_LAYER,
      pageSize: PAGE_SIZE,
      pageToken,
    });
    versions.push(...answer.catalogVersions);
    pageToken = answer.nextPageToken;
    if (pageToken === '') return versions;
  }
  throw new UpstreamError('the list of releases does not end');
}

/**
 * What is not held with the same content, oldest first, so that each release comes after the one it
 * replaces and ties are broken as they are upstream.
 */
function missingVersions(
  upstream: readonly CatalogVersion[],
  shelf: FollowerOptions['shelf'],
): readonly CatalogVersion[] {
  const held = new Set(heldCentral(shelf).map(({ version, digest }) => `${version} ${digest}`));
  return upstream
    .filter((version) => !held.has(`${version.version} ${version.digest}`))
    .toReversed();
}

async function takeOver(options: FollowerOptions, wanted: CatalogVersion): Promise<void> {
  const content = await download(options.client, wanted);
  if (!(await options.shelf.adopt(content))) return;
  options.log.info(
    { version: wanted.version, digest: wanted.digest },
    '已接收总局目录 / took over a national catalogue',
  );
}

async function download(client: UpstreamCatalog, wanted: CatalogVersion): Promise<Uint8Array> {
  const { release } = await client.getCatalogVersion({
    version: wanted.version,
    layer: CENTRAL_LAYER,
    includeRelease: true,
  });
  if (digestOf(release) !== wanted.digest) {
    throw new UpstreamError(`release ${wanted.version} does not have the digest it is listed with`);
  }
  const { version, layer } = decode(release, wanted);
  if (version !== wanted.version || layer !== CENTRAL_LAYER) {
    throw new UpstreamError(`release ${wanted.version} holds ${layer} ${version}`);
  }
  return release;
}

function decode(release: Uint8Array, wanted: CatalogVersion): ReturnType<typeof receivedForm> {
  try {
    return receivedForm(release);
  } catch (cause) {
    throw new UpstreamError(`release ${wanted.version} is no CatalogRelease`, { cause });
  }
}
