import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatalogReleaseSchema } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ReleaseHolder } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { hub, hubJson } from '../support/command-line.js';
import { freshSchema } from '../support/database.js';
import { failureOf } from '../support/doors.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const SEEDED = '2019.12-prov';
const NEWER = '2099.1';

describe('provinces lag visibly', () => {
  let national: TestNode;
  let zhejiang: TestNode | undefined;
  let metrics: number;
  const schema = freshSchema('n');

  const startZhejiang = async (): Promise<void> => {
    zhejiang = await startTestNode({
      HUB_REGION: '330000',
      HUB_DATABASE_SCHEMA: schema,
      HUB_UPSTREAM_URL: `http://${national.address}`,
    });
  };
  const stopZhejiang = async (): Promise<void> => {
    await zhejiang?.stop();
    zhejiang = undefined;
  };
  const holder = async (node: string): Promise<ReleaseHolder | undefined> => {
    const { holders } = await national.catalog.listReleaseHolders({});
    return holders.find((one) => one.node === node);
  };

  beforeAll(async () => {
    metrics = await freePort();
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_METRICS: `127.0.0.1:${metrics}`,
      HUB_NODES: `330000=http://127.0.0.1:${await freePort()},440000=http://127.0.0.1:${await freePort()}`,
    });
    await startZhejiang();
  });
  afterAll(async () => {
    await stopZhejiang();
    await national.stop();
  });

  async function publishNewer(): Promise<void> {
    const { release } = await national.catalog.getCatalogVersion({ includeRelease: true });
    const value = create(CatalogReleaseSchema, {
      ...fromBinary(CatalogReleaseSchema, release),
      version: NEWER,
      effectiveFrom: '2099-01-01',
    });
    const { published } = await national.catalog.publishCatalog({
      source: { case: 'release', value },
    });
    expect(published).toBe(true);
  }

  it('R16 F2 the national node sees what a province holds, and that another never reported', async () => {
    await eventually(async () => {
      expect(await holder('330000')).toMatchObject({
        nodeName: '浙江省',
        latestVersion: SEEDED,
        behind: 0,
        missingVersions: [],
      });
    });
    const held = await holder('330000');
    expect(held?.latestHeldSince).toBeDefined();
    expect(held?.reportedAt).toBeDefined();
    expect(held?.behindSince).toBeUndefined();
    expect(await holder('440000')).toMatchObject({ behind: -1, latestVersion: '' });
    expect((await holder('440000'))?.reportedAt).toBeUndefined();
    const first = await national.catalog.listReleaseHolders({ pageSize: 1 });
    const pageToken = first.nextPageToken;
    const second = await national.catalog.listReleaseHolders({ pageSize: 1, pageToken });
    const codes = [first, second].map(({ holders }) => holders.map(({ node }) => node));
    expect([...codes, second.nextPageToken]).toEqual([['330000'], ['440000'], '']);
  });

  it('R16 F2 a province that does not take a release over falls behind, and catches up', async () => {
    await stopZhejiang();
    await publishNewer();
    const behind = await holder('330000');
    expect(behind).toMatchObject({ latestVersion: SEEDED, behind: 1, missingVersions: [NEWER] });
    expect(behind?.behindSince).toBeDefined();
    const env = { HUB_SERVER: national.address };
    const { json } = await hubJson<{ latestVersion: string }>(['catalogue', 'holders'], { env });
    expect(json.latestVersion).toBe(NEWER);
    const shown = await hub(['catalogue', 'holders'], { env });
    expect(shown.stdout).toMatch(new RegExp(`330000 浙江省 +${SEEDED} .* 1 .*${NEWER}`));
    expect(shown.stdout).toMatch(/440000 广东省 .*never reported/);
    const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    expect(text).toMatch(/^hub_releases_behind\{.*province="330000".*\} 1$/m);

    await startZhejiang();
    await eventually(async () => {
      expect(await holder('330000')).toMatchObject({ latestVersion: NEWER, behind: 0 });
    });
  });

  it('F2 keeps no release that the national node does not have, and none that is gone', async () => {
    await stopZhejiang();
    const digest = 'a'.repeat(64);
    const report = (...versions: string[]) =>
      national.catalog.reportHeldReleases({
        node: '440000',
        releases: versions.map((version) => ({ version, digest })),
      });
    expect(await report(SEEDED, SEEDED, 'elsewhere')).toMatchObject({ behind: 2 });
    const kept = () =>
      national.sql('select version from release_holders where node = ?', ['440000']);
    expect(await kept()).toEqual([{ version: SEEDED }]);
    // The same version with other content does not count as held.
    expect(await holder('440000')).toMatchObject({ behind: 2, latestVersion: '' });
    await report();
    expect(await kept()).toEqual([]);
  });

  it('refuses reports of nobody, without form, and at a province', async () => {
    const reasonOf = async (request: object, node = national) =>
      (await failureOf(node.catalog.reportHeldReleases(request)))?.reason;
    expect(await reasonOf({ node: '100000' })).toBe('WRONG_NODE');
    const releases = [{ version: SEEDED, digest: 'no digest' }];
    expect(await reasonOf({ node: '440000', releases })).toBe('VALIDATION_FAILED');
    const many = Array.from({ length: 1_001 }, () => ({ version: 'v', digest: 'a'.repeat(64) }));
    expect(await reasonOf({ node: '440000', releases: many })).toBe('VALIDATION_FAILED');
    await startZhejiang();
    expect(await reasonOf({ node: '440000' }, zhejiang)).toBe('WRONG_LEVEL');
    expect((await zhejiang?.catalog.listReleaseHolders({}))?.holders).toEqual([]);
  });
});
