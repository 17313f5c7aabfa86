import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CatalogReleaseSchema,
  ScopeCategory,
  SetLevel,
  type CatalogRelease,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createCatalogFollower } from '../../server/catalog/follower.js';
import { seedShelf } from '../../server/catalog/seed.js';
import { openShelf, type CatalogShelf } from '../../server/catalog/shelf.js';
import { digestOf } from '../../server/catalog/stored-form.js';
import type { Call, ServiceMethods } from '../../server/doors/service.js';
import { anonymous } from '../../server/domain/access/principal.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { provinceOf, regionLineage } from '../../server/reference/region-codes.js';
import { createScopeCatalog } from '../../server/services/scope-catalog.js';
import { catalogFile, referenceFiles, workbook } from '../catalog/files.js';
import { entry, item, localItem, release } from '../domain/catalog/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const SILENT = pino({ level: 'silent' });
const TODAY = '2026-11-24';
const reference = loadReference();
const call: Call = {
  signal: new AbortController().signal,
  caller: { peer: 'test' },
  principal: anonymous('trial'),
  door: 'grpc',
  cancelled: false,
};

type Methods = ServiceMethods<typeof ScopeCatalog>;
type Name = keyof Methods;
type Asked<K extends Name> = MessageInitShape<(typeof ScopeCatalog.method)[K]['input']>;
type Answered<K extends Name> = Awaited<ReturnType<Methods[K]>>;

interface Node {
  readonly shelf: CatalogShelf;
  /** Asks one RPC, from a plain object, and gives the answer as the message a client would get. */
  ask<K extends Name>(name: K, request?: Asked<K>): Promise<Answered<K>>;
}

const databases: TestDatabase[] = [];
let national: Node;
let zhejiang: Node;

async function startNode(code: string, level: 'national' | 'provincial'): Promise<Node> {
  const database = await freshDatabase();
  databases.push(database);
  const shelf = await openShelf({
    knex: database.knex,
    node: code,
    lineageOf: regionLineage,
    provinceOf,
    today: () => TODAY,
    log: SILENT,
  });
  await seedShelf(shelf, code, SILENT);
  const methods = createScopeCatalog({
    knex: database.knex,
    shelf,
    node: code,
    level,
    provinces: [],
    isStale: () => false,
    reference,
    today: () => TODAY,
  });
  return {
    shelf,
    async ask(name, request) {
      const { input, output } = ScopeCatalog.method[name];
      const handler = methods[name] as (request: unknown, call: Call) => Promise<unknown>;
      const answer = await handler(create(input, request as never), call);
      return create(output, answer as never) as never;
    },
  };
}

beforeAll(async () => {
  [national, zhejiang] = await Promise.all([
    startNode('100000', 'national'),
    startNode('330000', 'provincial'),
  ]);
});
afterAll(() => Promise.all(databases.map((database) => database.drop())));

/** All pages of a list, put together. */
async function everyPage<Row>(
  page: (pageToken: string) => Promise<{ rows: readonly Row[]; next: string }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let token = '';
  for (let count = 0; count < 1000; count += 1) {
    const { rows: more, next } = await page(token);
    rows.push(...more);
    if (next === '') return rows;
    token = next;
  }
  throw new Error('the list does not end');
}

describe('SearchScopeEntries', () => {
  it('R7 finds by pinyin, tells the items of each entry and the version that answered', async () => {
    const answer = await zhejiang.ask('searchScopeEntries', { query: 'canyin', pageSize: 3 });
    expect(answer.matches).toHaveLength(3);
    expect(answer.matches?.[0]).toMatchObject({
      matchedBy: 'pinyin',
      entry: { name: expect.stringContaining('餐饮') as string },
    });
    expect(answer).toMatchObject({ catalogVersion: '2019.12-prov', provisional: true });
    const food = await zhejiang.ask('searchScopeEntries', { query: '餐饮服务', pageSize: 1 });
    expect(food.matches?.[0]?.permitItemCodes?.length).toBeGreaterThan(0);
  });

  it('R7 pages put together are the whole, and a token is good for its own search only', async () => {
    const search = (query: string, pageToken = '', pageSize = 50) =>
      national.ask('searchScopeEntries', { query, pageToken, pageSize });
    const whole = await search('销售', '', 200);
    const codes = await everyPage(async (token) => {
      const answer = await search('销售', token, 37);
      return { rows: answer.matches ?? [], next: answer.nextPageToken ?? '' };
    });
    expect(codes.slice(0, 200)).toEqual(whole.matches);
    expect(codes).toHaveLength(whole.total ?? 0);
    const { nextPageToken = '' } = await search('销售');
    for (const bad of [search('服务', nextPageToken), search('销售', 'nonsense')]) {
      await expect(bad).rejects.toMatchObject({ reason: ErrorReason.BAD_PAGE_TOKEN });
    }
  });

  it('filters, and holds to its limits', async () => {
    const permit = await national.ask('searchScopeEntries', {
      category: ScopeCategory.PERMIT,
      industryCode: 'H',
      pageSize: 10_000,
    });
    expect(permit.total).toBeGreaterThan(0);
    expect(permit.matches?.length).toBeLessThanOrEqual(200);
    const refused: Asked<'searchScopeEntries'>[] = [
      { query: '长'.repeat(101) },
      { pageSize: -1 },
      { onDate: '2026-02-30' },
    ];
    for (const request of refused) {
      await expect(national.ask('searchScopeEntries', request)).rejects.toMatchObject({
        reason: ErrorReason.VALIDATION_FAILED,
        details: { findings: [{ rule: 'VR10' }] },
      });
    }
    await expect(
      national.ask('searchScopeEntries', { onDate: '2019-11-30' }),
    ).rejects.toMatchObject({ reason: ErrorReason.NOT_FOUND });
  });
});

describe('entries and items', () => {
  it('R7 gets an entry with its items, an item with its entries, and NOT_FOUND otherwise', async () => {
    const { item: found, entries } = await zhejiang.ask('getPermitItem', {
      permitItemCode: 'PX-33-0001',
    });
    expect(found?.setLevel).toBe(SetLevel.LOCAL);
    const [first] = entries ?? [];
    const back = await zhejiang.ask('getScopeEntry', {
      scopeEntryCode: first?.scopeEntryCode ?? '',
    });
    expect(back.items?.map((one) => one.permitItemCode)).toContain('PX-33-0001');
    for (const missing of [
      national.ask('getPermitItem', { permitItemCode: 'PX-33-0001' }),
      national.ask('getScopeEntry', { scopeEntryCode: 'nothing' }),
    ]) {
      await expect(missing).rejects.toMatchObject({ reason: ErrorReason.NOT_FOUND });
    }
  });

  it('R7 lists all in code order, page by page', async () => {
    const codes = await everyPage(async (pageToken) => {
      const answer = await zhejiang.ask('listScopeEntries', { pageToken, pageSize: 99 });
      return {
        rows: (answer.entries ?? []).map((one) => one.scopeEntryCode ?? ''),
        next: answer.nextPageToken ?? '',
      };
    });
    expect(codes).toEqual(
      zhejiang.shelf
        .current()
        .on(TODAY)
        ?.entries.map((one) => one.scopeEntryCode),
    );
    expect(codes).toEqual(codes.toSorted());
  });

  it('R3 R25 lists items by reform mode and set level', async () => {
    const all = await zhejiang.ask('listPermitItems', { pageSize: 1000 });
    const by = async (filter: Asked<'listPermitItems'>) =>
      (await zhejiang.ask('listPermitItems', { ...filter, pageSize: 1000 })).items?.length ?? 0;
    const modes = await Promise.all(
      [1, 2, 3, 4].map((reformMode: ReformMode) => by({ reformMode })),
    );
    expect(modes.reduce((sum, count) => sum + count)).toBe(all.items?.length);
    expect(await by({ setLevel: SetLevel.LOCAL })).toBe(2);
    const { nextPageToken = '' } = await zhejiang.ask('listPermitItems', { pageSize: 1 });
    await expect(
      zhejiang.ask('listScopeEntries', { pageToken: nextPageToken }),
    ).rejects.toMatchObject({ reason: ErrorReason.BAD_PAGE_TOKEN });
  });
});

describe('ResolveScope', () => {
  it('R8 R21 R22 answers what a registrar needs while ticking boxes', async () => {
    const { matches } = await zhejiang.ask('searchScopeEntries', {
      query: '餐饮服务',
      pageSize: 1,
    });
    const code = matches?.[0]?.entry?.scopeEntryCode ?? '';
    const answer = await zhejiang.ask('resolveScope', {
      regionCode: '330902',
      ftz: 'FTZ-33',
      ftzArea: 'FTZ-33-01',
      scopeEntryCodes: ['PA0001', code],
    });
    expect(answer.findings).toEqual([]);
    expect(answer.opScope).toBe(
      '一般项目：会议及展览服务（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。' +
        '许可项目：餐饮服务（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。',
    );
    expect(answer.licenseSeparationFlag).toBe(true);
    expect(answer.catalogVersion).toBe('2019.12-prov');
    expect(answer.items?.[0]?.receivingDepartments?.[0]?.orgCode).toBe('330000000M660');
    expect(answer.items?.[0]?.nextStepZh).not.toBe('');
    expect(answer.items?.[0]?.clause).toMatch(/^R\d+ 3\.2\.\d$/);
  });

  it('R24 answers findings, and refuses only what is past its limit', async () => {
    const odd = await zhejiang.ask('resolveScope', { regionCode: 'x', scopeEntryCodes: ['nope'] });
    expect(odd.findings?.map((finding) => finding.code)).toEqual([
      'REGION_UNKNOWN',
      'SCOPE_ENTRY_UNKNOWN',
    ]);
    await expect(
      zhejiang.ask('resolveScope', { scopeEntryCodes: Array<string>(201).fill('PA0001') }),
    ).rejects.toMatchObject({
      reason: ErrorReason.TOO_MANY_ITEMS,
      details: { metadata: { limit: '200', actual: '201' } },
    });
  });
});

describe('PublishCatalog', () => {
  /** A later national release; `kept`: with the cancelled items of the one before, as R9 demands. */
  const next = (kept = true) => {
    const cancelled = (national.shelf.current().on(TODAY)?.items ?? []).filter(
      (one) => one.reformMode === ReformMode.CANCELLED,
    );
    return release({
      version: '2027.1',
      effectiveFrom: '2027-01-01',
      entries: [entry('N1'), entry('N2')],
      items: [
        item('NX1', ['N1'], { effectiveFrom: '2027-01-01' }),
        ...(kept ? cancelled.map((one) => ({ ...one, scopeEntryCodes: ['N2'] })) : []),
      ],
    });
  };
  const local = (version: string, layer = '330000') =>
    release({
      version,
      layer,
      effectiveFrom: '2026-12-01',
      entries: [entry('P330099')],
      items: [localItem('PX-33-0099', ['P330099'])],
    });

  it('R25 the central layer only at the national node, a provincial one only at its own', async () => {
    const wrong = { reason: ErrorReason.WRONG_LEVEL };
    for (const dryRun of [true, false]) {
      const source = (value: CatalogRelease) => ({
        source: { case: 'release' as const, value },
        dryRun,
      });
      await expect(zhejiang.ask('publishCatalog', source(next()))).rejects.toMatchObject(wrong);
      await expect(national.ask('publishCatalog', source(local('a')))).rejects.toMatchObject(wrong);
      await expect(
        zhejiang.ask('publishCatalog', source(local('a', '440000'))),
      ).rejects.toMatchObject(wrong);
    }
    await expect(
      zhejiang.ask('publishCatalog', {
        source: { case: 'files', value: { files: referenceFiles('catalogue') } },
      }),
    ).rejects.toMatchObject(wrong);
  });

  it('R25 a province publishes its own layer', async () => {
    const answer = await zhejiang.ask('publishCatalog', {
      source: { case: 'release', value: local('2026.12-33') },
    });
    expect(answer).toMatchObject({
      published: true,
      findings: [],
      catalogVersion: { layer: '330000', inForce: false, entryCount: 1, itemCount: 1 },
    });
    const found = await zhejiang.ask('getPermitItem', {
      permitItemCode: 'PX-33-0099',
      onDate: '2026-12-01',
    });
    expect(found.item?.ownerNode).toBe('330000');
  });

  it('R6 a dry run of faulty tables says sheet, row and column, and publishes nothing', async () => {
    const answer = await national.ask('publishCatalog', {
      source: {
        case: 'files',
        value: { files: [catalogFile('2026.xlsx', workbook('faulty-catalogue.xlsx'))] },
      },
      dryRun: true,
    });
    expect(answer.published).toBe(false);
    expect(answer.findings?.map((finding) => finding.field)).toContain(
      '2026.xlsx#对应关系:4:经营范围条目代码',
    );
    expect(answer.findingCount).toBe(answer.findings?.length);
    expect(national.shelf.current().has('2026.1-test')).toBe(false);
  });

  it('R9 refuses a release that leaves out a cancelled item', async () => {
    const answer = await national.ask('publishCatalog', {
      source: { case: 'release', value: next(false) },
    });
    expect(answer.published).toBe(false);
    expect(answer.findings?.map(({ rule, code }) => `${rule} ${code}`)).toEqual([
      'R9 CANCELLED_ITEM_DROPPED',
    ]);
  });

  it('answers findings for tables that are no tables, and refuses a request without any', async () => {
    const answer = await national.ask('publishCatalog', {
      source: { case: 'files', value: { files: [catalogFile('a.csv', '')] } },
    });
    expect(answer.published).toBe(false);
    expect(answer.catalogVersion).toBeUndefined();
    expect(answer.findings?.length).toBeGreaterThan(0);
    await expect(national.ask('publishCatalog', {})).rejects.toMatchObject({
      reason: ErrorReason.VALIDATION_FAILED,
    });
  });

  it('R4 R16 R23 a published release is in force from its day, and reaches the province', async () => {
    const published = await national.ask('publishCatalog', {
      source: { case: 'release', value: next() },
    });
    expect(published).toMatchObject({ published: true, findingCount: 0 });
    const follower = createCatalogFollower({
      client: {
        listCatalogVersions: (request) => national.ask('listCatalogVersions', request) as never,
        getCatalogVersion: (request) => national.ask('getCatalogVersion', request) as never,
        reportHeldReleases: (request) => national.ask('reportHeldReleases', request) as never,
      },
      node: '330000',
      shelf: zhejiang.shelf,
      intervalMs: 1000,
      log: SILENT,
    });
    expect(await follower.pullNow()).toBe(1);
    expect(follower.lag()).toBe(0);
    const here = await zhejiang.ask('getCatalogVersion', {
      version: '2027.1',
      includeRelease: true,
    });
    expect(here.catalogVersion?.digest).toBe(published.catalogVersion?.digest);
    expect(digestOf(here.release ?? new Uint8Array())).toBe(published.catalogVersion?.digest);
    expect(fromBinary(CatalogReleaseSchema, here.release ?? new Uint8Array()).version).toBe(
      '2027.1',
    );
    expect(here.catalogVersion?.inForce).toBe(false);
    const then = await zhejiang.ask('listScopeEntries', { onDate: '2027-01-01' });
    expect(then.catalogVersion).toBe('2027.1');
    const now = await zhejiang.ask('listScopeEntries', { pageSize: 1 });
    expect(now.catalogVersion).toBe('2019.12-prov');
  });

  it('R7 tells what changed since a version, and what is gone', async () => {
    const answer = await national.ask('listScopeEntries', {
      onDate: '2027-01-01',
      changedSinceVersion: '2019.12-prov',
      pageSize: 1,
    });
    expect(answer.entries?.map((one) => one.scopeEntryCode)).toEqual(['N1']);
    expect(answer.removedCodes).toContain('PA0001');
    const second = await national.ask('listScopeEntries', {
      onDate: '2027-01-01',
      changedSinceVersion: '2019.12-prov',
      pageSize: 1,
      pageToken: answer.nextPageToken ?? '',
    });
    expect(second.entries?.map((one) => one.scopeEntryCode)).toEqual(['N2']);
    expect([second.removedCodes, second.nextPageToken]).toEqual([[], '']);
    await expect(
      national.ask('listScopeEntries', { changedSinceVersion: 'never' }),
    ).rejects.toMatchObject({ reason: ErrorReason.NOT_FOUND });
  });

  it('R4 lists the versions of a layer, newest first, page by page', async () => {
    const versions = await everyPage(async (pageToken) => {
      const answer = await zhejiang.ask('listCatalogVersions', { pageToken, pageSize: 1 });
      return { rows: answer.catalogVersions ?? [], next: answer.nextPageToken ?? '' };
    });
    expect(versions.map((one) => one.version)).toEqual([
      '2027.1',
      '2026.12-33',
      expect.stringMatching(/^2019\.12-prov/),
      expect.stringMatching(/^2019\.12-prov/),
    ]);
    expect(versions.map((one) => one.inForce)).toEqual([false, false, true, true]);
    const central = await zhejiang.ask('listCatalogVersions', { layer: '100000' });
    expect(central.catalogVersions).toHaveLength(2);
    const current = await zhejiang.ask('getCatalogVersion');
    expect(current).toMatchObject({ catalogVersion: { version: '2019.12-prov', inForce: true } });
    expect(current.release).toHaveLength(0);
    await expect(zhejiang.ask('getCatalogVersion', { version: 'never' })).rejects.toMatchObject({
      reason: ErrorReason.NOT_FOUND,
    });
  });
});
