import { create } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import {
  GetCatalogVersionResponseSchema,
  ListCatalogVersionsResponseSchema,
  ReportHeldReleasesResponseSchema,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import {
  createCatalogFollower,
  UpstreamError,
  type CatalogFollower,
  type UpstreamCatalog,
} from '../../server/catalog/follower.js';
import { receivedForm, storedForm, versionMessage } from '../../server/catalog/stored-form.js';
import type { NewRelease, StoredVersion } from '../../server/storage/catalog-releases.js';
import { release } from '../domain/catalog/builders.js';

const SILENT = pino({ level: 'silent' });
const releases = ['v1', 'v2', 'v3'].map((version, index) =>
  storedForm(release({ version, effectiveFrom: `2020-0${index + 1}-01` })),
);

/** A national node that answers two versions a page, newest first. */
function upstreamOf(held: readonly NewRelease[], spoil = ''): UpstreamCatalog {
  const list = [...held].reverse().map((form) => versionMessage(form, false));
  return {
    listCatalogVersions: vi.fn(({ pageToken = '' }) => {
      const start = Number(pageToken || '0');
      return Promise.resolve(
        create(ListCatalogVersionsResponseSchema, {
          catalogVersions: list.slice(start, start + 2),
          nextPageToken: start + 2 < list.length ? String(start + 2) : '',
        }),
      );
    }),
    getCatalogVersion: vi.fn(({ version = '' }) => {
      const form = held.find((one) => one.version === version);
      const content = version === spoil ? Buffer.from('spoilt') : form?.content;
      return Promise.resolve(
        create(GetCatalogVersionResponseSchema, { release: content ?? new Uint8Array() }),
      );
    }),
    reportHeldReleases: vi.fn(() => Promise.resolve(create(ReportHeldReleasesResponseSchema))),
  };
}

/** A shelf in memory. */
function memoryShelf(held: NewRelease[] = []) {
  return {
    held,
    versions: (): StoredVersion[] => held.map((form) => ({ ...form, storedAt: new Date(0) })),
    adopt: (content: Uint8Array): Promise<boolean> => {
      held.push(receivedForm(content));
      return Promise.resolve(true);
    },
  };
}

function follow(client: UpstreamCatalog, shelf = memoryShelf(), intervalMs = 10): CatalogFollower {
  return createCatalogFollower({ client, node: '330000', shelf, intervalMs, log: SILENT });
}

describe('a province that follows the national catalogue', () => {
  it('R16 pulls what is missing over all pages, oldest first, with the digests it was listed with', async () => {
    const shelf = memoryShelf();
    const client = upstreamOf(releases);
    const follower = follow(client, shelf);
    expect(follower.lag()).toBe(-1);
    expect(await follower.pullNow()).toBe(3);
    expect(shelf.held.map((one) => one.version)).toEqual(['v1', 'v2', 'v3']);
    expect(shelf.held.map((one) => one.digest)).toEqual(releases.map((one) => one.digest));
    expect(follower.lag()).toBe(0);
    expect(await follower.pullNow()).toBe(0);
    expect(client.getCatalogVersion).toHaveBeenCalledTimes(3);
  });

  it('R23 pulls a version whose content differs from the one held', async () => {
    const shelf = memoryShelf([storedForm(release({ titleZh: '随程序提供' }))]);
    expect(await follow(upstreamOf(releases.slice(0, 1)), shelf).pullNow()).toBe(1);
  });

  it('takes over no content with another digest, and is not kept back by it', async () => {
    const shelf = memoryShelf();
    const follower = follow(upstreamOf(releases, 'v2'), shelf);
    await expect(follower.pullNow()).rejects.toBeInstanceOf(UpstreamError);
    expect(shelf.held.map((one) => one.version)).toEqual(['v1', 'v3']);
    expect(follower.lag()).toBe(1);
    expect(follower.isStale()).toBe(true);
  });

  it('F1 is stale until it has looked, while the national node is not reached, and no longer after', async () => {
    const client = upstreamOf(releases);
    let reached = true;
    const follower = follow({
      ...client,
      listCatalogVersions: (...given) =>
        reached ? client.listCatalogVersions(...given) : Promise.reject(new Error('not reachable')),
    });
    expect(follower.isStale()).toBe(true);
    await follower.pullNow();
    expect(follower.isStale()).toBe(false);
    reached = false;
    const look = follower.pullNow();
    // Until a look has failed nothing is known to have changed.
    expect(follower.isStale()).toBe(false);
    await expect(look).rejects.toThrow();
    expect(follower.isStale()).toBe(true);
    reached = true;
    await follower.pullNow();
    expect(follower.isStale()).toBe(false);
  });

  it('takes over no release of a province or of another version', async () => {
    for (const stray of [release({ layer: '330000' }), release({ version: 'other' })]) {
      const form = storedForm(stray);
      const shelf = memoryShelf();
      const client = upstreamOf([{ ...form, version: 'v1' }]);
      await expect(follow(client, shelf).pullNow()).rejects.toBeInstanceOf(UpstreamError);
      expect(shelf.held).toEqual([]);
    }
  });

  it('gives up on a list that does not end', async () => {
    const client: UpstreamCatalog = {
      ...upstreamOf(releases),
      listCatalogVersions: () =>
        Promise.resolve(create(ListCatalogVersionsResponseSchema, { nextPageToken: 'again' })),
    };
    await expect(follow(client).pullNow()).rejects.toBeInstanceOf(UpstreamError);
  });

  it('tries again after a failure until it is stopped', async () => {
    const shelf = memoryShelf();
    const client = upstreamOf(releases);
    const list = client.listCatalogVersions;
    const failing = vi.fn(() => Promise.reject(new Error('not reachable')));
    const follower = follow(
      {
        ...client,
        listCatalogVersions: (...given) =>
          failing.mock.calls.length < 2 ? failing() : list(...given),
      },
      shelf,
    );
    follower.start();
    await expect.poll(() => shelf.held.length).toBe(3);
    expect(failing).toHaveBeenCalledTimes(2);
    await follower.stop();
    const calls = vi.mocked(list).mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(vi.mocked(list).mock.calls.length).toBe(calls);
  });

  it('F2 tells the national node what it holds after each look', async () => {
    const client = upstreamOf(releases.slice(0, 1));
    await follow(client).pullNow();
    expect(client.reportHeldReleases).toHaveBeenCalledExactlyOnceWith({
      node: '330000',
      releases: [{ version: 'v1', digest: Buffer.from(releases[0]?.digest ?? []).toString('hex') }],
    });
  });

  it('F2 follows a national node that does not know the report', async () => {
    const client: UpstreamCatalog = {
      ...upstreamOf(releases),
      reportHeldReleases: vi.fn(() => Promise.reject(new Error('UNIMPLEMENTED'))),
    };
    const follower = follow(client);
    expect(await follower.pullNow()).toBe(3);
    expect([follower.lag(), await follower.pullNow()]).toEqual([0, 0]);
    expect(client.reportHeldReleases).toHaveBeenCalledTimes(2);
  });

  it('two callers share one pull', async () => {
    const client = upstreamOf(releases);
    const follower = follow(client);
    await Promise.all([follower.pullNow(), follower.pullNow()]);
    expect(client.getCatalogVersion).toHaveBeenCalledTimes(3);
  });
});
