import { create, toJson } from '@bufbuild/protobuf';
import {
  CatalogChangeKindSchema,
  CatalogTableSchema,
  CompareReleasesResponseSchema,
  ListReleaseHoldersResponseSchema,
  ScopeCatalog,
  type CatalogChange,
  type CompareReleasesResponse,
  type ReleaseHolder,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { Answer } from '../answer.js';
import type { Call, CommandSpec } from '../command.js';
import { moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf, tableOf } from '../table.js';
import { choiceOption, nameOf, numberOf, option, timeOf } from '../words.js';

interface CompareOptions extends PageOptions {
  readonly layer?: string;
  readonly from?: string;
  readonly to?: string;
  readonly table?: string;
  readonly kind?: string;
}

/** `catalogue compare`: what one release changes against another, and whom it concerns (R7, R25). */
export const compareCommand: CommandSpec<CompareOptions> = {
  name: 'compare',
  zh: '对比两个版本:逐行逐字段,及涉及部门',
  en: 'what one release changes against another, row by row, and whom it concerns',
  options: [
    option(
      '--from <version>',
      '旧版本,默认为被替换的版本',
      'old release; by default the one replaced',
    ),
    option('--to <version>', '新版本,默认最新', 'new release; the latest by default'),
    option('--layer <code>', '层,默认中央层', 'layer; the central one by default'),
    choiceOption('--table <table>', CatalogTableSchema, '目录表', 'table'),
    choiceOption('--kind <kind>', CatalogChangeKindSchema, '变化方式', 'kind of change'),
    ...pageOptions(),
  ],
  run: compare,
};

/** `catalogue holders`: which province holds which release, and how far it is behind (F2, R16). */
export const holdersCommand: CommandSpec<PageOptions> = {
  name: 'holders',
  zh: '各省所持目录版本及落后情况(总局节点)',
  en: 'which release each province holds, and how far it is behind (national node)',
  options: pageOptions(),
  run: showHolders,
};

async function compare({ hub, options }: Call<CompareOptions>): Promise<Answer> {
  const client = hub.client(ScopeCatalog);
  const { layer = '', from: fromVersion = '', to: toVersion = '' } = options;
  const table = numberOf(CatalogTableSchema, options.table);
  const kind = numberOf(CatalogChangeKindSchema, options.kind);
  const answers: CompareReleasesResponse[] = [];
  const pages = await readPages(options, 200, async (page) => {
    const asked = { layer, fromVersion, toVersion, table, kind };
    const answer = await client.compareReleases({ ...asked, ...page });
    answers.push(answer);
    return { entries: answer.changes, nextPageToken: answer.nextPageToken };
  });
  const whole: CompareReleasesResponse = {
    ...create(CompareReleasesResponseSchema),
    ...answers[0],
    changes: [...pages.entries],
    nextPageToken: pages.nextPageToken,
  };
  return {
    json: toJson(CompareReleasesResponseSchema, whole),
    text: [
      comparedFacts(whole),
      changesTable(pages.entries) + moreOf(pages),
      tableOf(
        ['涉及部门 department', '', '变化 changes'],
        whole.departments.map((one) => [one.orgCode, one.orgName, String(one.changeCount)]),
      ),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  };
}

function comparedFacts({ from, to, counts }: CompareReleasesResponse): string {
  return factsOf([
    ['旧版本 from', from ? `${from.version} (${from.effectiveFrom})` : ''],
    ['新版本 to', to ? `${to.version} (${to.effectiveFrom})` : ''],
    ...counts.map(({ table, kind, count }): [string, string] => [
      `${nameOf(CatalogTableSchema, table)} ${nameOf(CatalogChangeKindSchema, kind)}`,
      String(count),
    ]),
  ]);
}

function changesTable(changes: readonly CatalogChange[]): string {
  return listOf(
    ['表 table', '变化 change', '代码 code', '名称 name', '字段 fields'],
    changes.map((change) => [
      nameOf(CatalogTableSchema, change.table),
      nameOf(CatalogChangeKindSchema, change.kind),
      [change.scopeEntryCode, change.permitItemCode, change.regionCode, change.orgCode]
        .filter((code) => code !== '')
        .join(' '),
      change.name,
      change.fields.map(({ labelZh }) => labelZh).join(', '),
    ]),
  );
}

async function showHolders({ hub, options }: Call<PageOptions>): Promise<Answer> {
  const client = hub.client(ScopeCatalog);
  let latestVersion = '';
  const pages = await readPages(options, 200, async (page) => {
    const answer = await client.listReleaseHolders(page);
    latestVersion = answer.latestVersion;
    return { entries: answer.holders, nextPageToken: answer.nextPageToken };
  });
  const { nextPageToken } = pages;
  const whole = create(ListReleaseHoldersResponseSchema, {
    latestVersion,
    holders: [...pages.entries],
    nextPageToken,
  });
  return {
    json: toJson(ListReleaseHoldersResponseSchema, whole, { alwaysEmitImplicit: true }),
    text: [
      factsOf([['总局最新版本 latest release', latestVersion]]),
      holdersTable(pages.entries) + moreOf(pages),
    ].join('\n\n'),
  };
}

function holdersTable(holders: readonly ReleaseHolder[]): string {
  return listOf(
    [
      '省级节点 province',
      '持有 holds',
      '自 since',
      '落后 behind',
      '落后自 behind since',
      '缺少 missing',
      '最近报告 last report',
    ],
    holders.map((one) => [
      `${one.node} ${one.nodeName}`,
      one.latestVersion,
      timeOf(one.latestHeldSince),
      one.behind < 0 ? '从未报告 never reported' : String(one.behind),
      timeOf(one.behindSince),
      one.missingVersions.join(', '),
      timeOf(one.reportedAt),
    ]),
  );
}
