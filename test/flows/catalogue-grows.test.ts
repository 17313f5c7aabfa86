import { fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AuthorityLevel,
  CatalogReleaseSchema,
  ScopeCategory,
  type CatalogRelease,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import {
  CatalogChangeKind,
  CatalogTable,
  type CatalogChange,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { entry } from '../domain/catalog/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { tickedRegistration } from '../support/ticked.js';

const FIRST = '2019.12-prov';
const SECOND = 'second-test';
const LOCAL_SECOND = 'second-test-33';
const { SCOPE_ENTRY, PERMIT_ITEM, MAPPING, AUTHORITY } = CatalogTable;
const { ADDED, CHANGED, REMOVED } = CatalogChangeKind;

/** One day for the whole file, so that no midnight comes between two of its dates. */
const BEGUN = Date.now();

function daysAgo(days: number): string {
  return civilDateIn(BEGUN - days * 86_400_000);
}

/** The release in force of a node, as an administrator takes it to work on. */
async function copyOf(node: TestNode, layer: string): Promise<CatalogRelease> {
  const { release } = await node.catalog.getCatalogVersion({ layer, includeRelease: true });
  return fromBinary(CatalogReleaseSchema, release);
}

/** The next central release: one entry in place of another, another gone, an item in another mode. */
async function secondRelease(national: TestNode): Promise<CatalogRelease> {
  const next = await copyOf(national, '100000');
  const renamed = next.entries.find((one) => one.scopeEntryCode === 'PA0001')!;
  renamed.description = '展会的组织和承办';
  const food = next.items.find((one) => one.permitItemCode === 'PX-0035')!;
  food.reformMode = ReformMode.COMMITMENT;
  food.scopeEntryCodes = food.scopeEntryCodes.map((code) => (code === 'PA0457' ? 'PN0001' : code));
  food.licensingAuthorities.find((one) => one.regionCode === '330000')!.level = AuthorityLevel.CITY;
  return {
    ...next,
    version: SECOND,
    effectiveFrom: daysAgo(10),
    entries: [
      ...next.entries.filter((one) => !['PA0457', 'PA0560'].includes(one.scopeEntryCode)),
      entry('PN0001', { name: '测试用新表述', category: ScopeCategory.PERMIT }),
    ],
  };
}

describe('the catalogue grows', () => {
  let national: TestNode;
  let zhejiang: TestNode;
  let next: CatalogRelease;
  beforeAll(async () => {
    const port = await freePort();
    national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    zhejiang = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
      HUB_CATALOG_POLL_MS: '200',
    });
    next = await secondRelease(national);
  });
  afterAll(async () => {
    await zhejiang.stop();
    await national.stop();
  });

  const publish = (node: TestNode, value: CatalogRelease, dryRun = false) =>
    node.catalog.publishCatalog({ source: { case: 'release', value }, dryRun });
  const brief = (findings: readonly { rule: string; field: string; code: string }[]) =>
    findings.map(({ rule, field, code }) => `${rule} ${field} ${code}`);
  const ticked = (codes: string[], apprDate: string, number: number) =>
    tickedRegistration(
      zhejiang.catalog,
      { codes },
      { apprDate, estDate: apprDate, opFrom: apprDate },
      { number },
    );
  const check = (codes: string[], apprDate: string, number: number) =>
    ticked(codes, apprDate, number).then(async (registration) => {
      const { findings } = await zhejiang.registration.checkRegistration({ registration });
      return { registration, codes: findings.map(({ field, code }) => `${field} ${code}`) };
    });

  it('R6 what points nowhere is found before publishing, whether tried or meant', async () => {
    const at = next.items.findIndex((one) => one.permitItemCode === 'PX-0035');
    const items = next.items.map((one) => ({ ...one }));
    items[at]!.scopeEntryCodes = [...items[at]!.scopeEntryCodes, 'PA0457'];
    items[at + 1]!.scopeEntryCodes = [];
    const children = next.entries.map((one) =>
      one.scopeEntryCode === 'PN0001' ? { ...one, parentCode: 'PA0457' } : one,
    );
    const faulty = { ...next, items, entries: children };
    for (const dryRun of [true, false]) {
      const answer = await publish(national, faulty, dryRun);
      expect(answer.published).toBe(false);
      expect(brief(answer.findings)).toEqual(
        expect.arrayContaining([
          `R4 entries[${children.length - 1}].parent_code PARENT_UNKNOWN`,
          `R6 items[${at}].scope_entry_codes[${items[at]!.scopeEntryCodes.length - 1}] ENTRY_UNKNOWN`,
          `R6 items[${at + 1}].permit_item_code ITEM_WITHOUT_ENTRY`,
        ]),
      );
    }
    const alone = { ...next, items: next.items.map((one) => ({ ...one })) };
    alone.items[at]!.scopeEntryCodes = ['PA0015'];
    const { findings } = await publish(national, alone, true);
    const unmapped = `R6 entries[${next.entries.length - 1}].scope_entry_code ENTRY_WITHOUT_ITEM`;
    expect(brief(findings)).toContain(unmapped);
    const { catalogVersions } = await national.catalog.listCatalogVersions({});
    expect(catalogVersions.map((one) => one.version)).toEqual([FIRST]);
  });

  it('F1 F2 R23 a dry run tells what it would change, and a province that lags is seen to', async () => {
    const tried = await publish(national, next, true);
    const counts = tried.changeCounts.map(({ table, kind, count }) => [table, kind, count]);
    expect(counts).toEqual([
      [SCOPE_ENTRY, ADDED, 1],
      [SCOPE_ENTRY, CHANGED, 1],
      [SCOPE_ENTRY, REMOVED, 2],
      [PERMIT_ITEM, CHANGED, 1],
      [MAPPING, ADDED, 1],
      [MAPPING, REMOVED, 1],
      [AUTHORITY, CHANGED, 1],
    ]);
    expect(tried).toMatchObject({ published: false, replacesVersion: FIRST });
    expect(brief(tried.findings)).toContain('R23 effective_from BACKDATED');

    // A province that can store nothing more, as when its disk is full.
    await zhejiang.sql(
      `alter table catalog_releases add constraint full_disk check (version <> '${SECOND}')`,
    );
    const published = await publish(national, next);
    expect(brief(published.findings.filter((one) => one.severity === Severity.ERROR))).toEqual([]);
    expect(published).toMatchObject({ published: true, replacesVersion: FIRST });
    expect(published.changeCounts).toEqual(tried.changeCounts);
    const lagging = await eventually(async () => {
      const status = await zhejiang.dataCenter.getNodeStatus({});
      expect(status.catalogLag).toBe(1);
      return status;
    });
    expect(lagging.catalogVersions.map((one) => one.version)).toContain(FIRST);
    expect(await staleness(zhejiang)).toEqual(Array(8).fill(true));
    expect(await staleness(national)).toEqual(Array(8).fill(false));
    await zhejiang.sql('alter table catalog_releases drop constraint full_disk');
    await eventually(async () => {
      const status = await zhejiang.dataCenter.getNodeStatus({});
      expect(status.catalogLag).toBe(0);
      expect(status.catalogVersions.map((one) => one.version)).toContain(SECOND);
      expect(timestampMs(status.catalogCheckedAt!)).toBeGreaterThan(
        timestampMs(lagging.catalogCheckedAt!),
      );
      expect(await staleness(zhejiang)).toEqual(Array(8).fill(false));
    });
  });

  it('R23 R24 a registration is judged by the release in force on its approval date', async () => {
    const early = await check(['PA0457'], daysAgo(20), 1);
    expect(early.codes).toEqual([]);
    expect(early.registration.catalogVersion).toBe(FIRST);
    const late = await check(['PN0001'], daysAgo(2), 2);
    expect(late.codes).toEqual([]);
    expect(late.registration.catalogVersion).toBe(SECOND);
    for (const { registration } of [early, late])
      expect(
        (await zhejiang.registration.submitRegistration({ registration })).receipt?.messageId,
      ).toBe(registration.envelope?.messageId);

    const judged = async (apprDate: string) => {
      const registration = { ...early.registration, apprDate };
      const { findings } = await zhejiang.registration.checkRegistration({ registration });
      return findings.map(({ field, code }) => `${field} ${code}`);
    };
    // The day before the release takes effect, and the day on which it does.
    expect(await judged(daysAgo(11))).toEqual([]);
    const since = await judged(daysAgo(10));
    expect(since).toContain('scope_entry_codes[0] SCOPE_ENTRY_UNKNOWN');
    expect(since).toContain('catalog_version CATALOGUE_VERSION_OTHER');
  });

  it('R7 R25 two releases are compared, with fields before and after, and whom it concerns', async () => {
    const all = await zhejiang.catalog.compareReleases({ fromVersion: FIRST, toVersion: SECOND });
    expect([all.from?.version, all.to?.version, all.total]).toEqual([FIRST, SECOND, 8]);
    const line = ({ table, kind, ...one }: CatalogChange) =>
      [CatalogTable[table], CatalogChangeKind[kind], one.permitItemCode, one.scopeEntryCode]
        .concat(one.regionCode, one.orgCode)
        .concat(one.fields.map((f) => `${f.field}(${f.labelZh}): ${f.before}→${f.after}`))
        .filter((text) => text !== '')
        .join(' ');
    expect(all.changes.map(line)).toEqual([
      'SCOPE_ENTRY CHANGED PA0001 description(说明): →展会的组织和承办',
      'SCOPE_ENTRY REMOVED PA0457',
      'SCOPE_ENTRY REMOVED PA0560',
      'SCOPE_ENTRY ADDED PN0001',
      'PERMIT_ITEM CHANGED PX-0035 reform_mode(改革方式): REFORM_MODE_OPTIMISED→REFORM_MODE_COMMITMENT',
      'MAPPING REMOVED PX-0035 PA0457',
      'MAPPING ADDED PX-0035 PN0001',
      'AUTHORITY CHANGED PX-0035 330000 330000000M660 level(机关层级): AUTHORITY_LEVEL_PROVINCE→AUTHORITY_LEVEL_CITY',
    ]);
    const [, dropped, local] = all.changes;
    expect(dropped).toMatchObject({ concernedItemCodes: ['PX-0035'], departmentCount: 32 });
    expect(dropped?.departments).toHaveLength(20);
    // The province's own item points nowhere from then on, and only the province can see it.
    expect(local?.concernedLocalItemCodes).toEqual(['PX-33-0002']);
    const there = await national.catalog.compareReleases({});
    expect(there.changes[2]?.concernedLocalItemCodes).toEqual([]);
    expect(all.departments[0]).toMatchObject({ orgCode: '330000000M660', changeCount: 7 });
    expect([all.departments.length, all.departmentCount]).toEqual([32, 32]);
  });

  it('R7 pages of a comparison put together are the whole, filters choose, and JSON tells the same', async () => {
    const whole = await zhejiang.catalog.compareReleases({});
    const pages: CatalogChange[] = [];
    let pageToken = '';
    do {
      const page = await zhejiang.catalog.compareReleases({ pageSize: 3, pageToken });
      pages.push(...page.changes);
      expect(page.departments.length > 0).toBe(pageToken === '');
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual(whole.changes);
    const removed = await zhejiang.catalog.compareReleases({ table: SCOPE_ENTRY, kind: REMOVED });
    expect([removed.total, removed.counts]).toEqual([2, whole.counts]);
    const first = await zhejiang.catalog.compareReleases({ toVersion: FIRST, pageSize: 1 });
    expect(first.from).toBeUndefined();
    expect(first.counts.map(({ kind }) => kind)).toEqual([ADDED, ADDED, ADDED, ADDED]);
    for (const bad of [{ fromVersion: 'never' }, { toVersion: 'never' }, { layer: '440000' }])
      await expect(zhejiang.catalog.compareReleases(bad)).rejects.toMatchObject({
        reason: 'NOT_FOUND',
      });
    await expect(
      zhejiang.catalog.compareReleases({ kind: ADDED, pageToken: first.nextPageToken }),
    ).rejects.toMatchObject({ reason: 'BAD_PAGE_TOKEN' });

    const url = `http://${zhejiang.address}/zhengzhao.v1.ScopeCatalog/CompareReleases`;
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"table":"CATALOG_TABLE_PERMIT_ITEM"}',
    });
    expect(await answer.json()).toMatchObject({
      total: 1,
      changes: [{ kind: 'CATALOG_CHANGE_KIND_CHANGED', permitItemCode: 'PX-0035' }],
    });
  });

  it('R25 a province maintains its own layer, is told what hangs, and compares its releases', async () => {
    const layer = '330000';
    const own = await copyOf(zhejiang, layer);
    const grown = (version: string, effectiveFrom: string) => ({ ...own, version, effectiveFrom });
    const hanging = await publish(zhejiang, grown('old-33', daysAgo(30)), true);
    const at = own.items.findIndex((one) => one.permitItemCode === 'PX-33-0002');
    const sub = own.items[at]!.scopeEntryCodes.indexOf('PA0560');
    expect(brief(hanging.findings)).toContain(
      `R25 items[${at}].scope_entry_codes[${sub}] ENTRY_DROPPED_LATER`,
    );
    const refused = await publish(zhejiang, grown(LOCAL_SECOND, daysAgo(5)));
    expect(refused.published).toBe(false);
    expect(brief(refused.findings)).toContain(
      `R6 items[${at}].scope_entry_codes[${sub}] ENTRY_UNKNOWN`,
    );
    own.items[at]!.scopeEntryCodes.splice(sub, 1, 'PN0001');
    await expect(publish(national, grown(LOCAL_SECOND, daysAgo(5)))).rejects.toMatchObject({
      reason: 'WRONG_LEVEL',
    });
    expect((await publish(zhejiang, grown(LOCAL_SECOND, daysAgo(5)))).published).toBe(true);
    const { from, changes } = await zhejiang.catalog.compareReleases({ layer });
    expect(from?.version).toBe('2019.12-prov-33');
    expect(changes.map((one) => [one.table, one.kind, one.scopeEntryCode])).toEqual([
      [MAPPING, REMOVED, 'PA0560'],
      [MAPPING, ADDED, 'PN0001'],
    ]);
    expect(changes[0]?.departments.map((one) => one.orgCode)).toEqual(['330000000M660']);

    const items = async (node: TestNode, onDate: string) =>
      (await node.catalog.getScopeEntry({ scopeEntryCode: 'PN0001', onDate })).items.map(
        (one) => one.permitItemCode,
      );
    expect(await items(zhejiang, daysAgo(5))).toEqual(['PX-0035', 'PX-33-0002']);
    expect(await items(zhejiang, daysAgo(6))).toEqual(['PX-0035']);
    expect(await items(national, daysAgo(5))).toEqual(['PX-0035']);
  });
});

/** F1: whether each answer from the copy says that it may not be the newest. */
async function staleness({ catalog }: TestNode): Promise<boolean[]> {
  const answers = await Promise.all([
    catalog.searchScopeEntries({ pageSize: 1 }),
    catalog.getScopeEntry({ scopeEntryCode: 'PA0001' }),
    catalog.listScopeEntries({ pageSize: 1 }),
    catalog.listPermitItems({ pageSize: 1 }),
    catalog.getPermitItem({ permitItemCode: 'PX-0035' }),
    catalog.resolveScope({ regionCode: '330902', scopeEntryCodes: ['PA0001'] }),
    catalog.getCatalogVersion({}),
    catalog.listCatalogVersions({}),
  ]);
  return answers.map(({ stale }) => stale);
}
