import { create, toJson, type MessageInitShape } from '@bufbuild/protobuf';
import { Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import {
  PublishCatalogRequestSchema,
  PublishCatalogResponseSchema,
  ScopeCatalog,
  ScopeEntryMatchSchema,
  type PublishCatalogResponse,
  type ScopeEntryMatch,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { both, ExitCode, type Answer } from '../answer.js';
import { readCatalogueFiles } from '../catalogue-files.js';
import { addCommand, addGroup, type Call, type CommandSpec, type Group } from '../command.js';
import { findingsTable } from '../failure.js';
import { moreOf, pageOptions, readPages, type PageOptions } from '../paging.js';
import { factsOf, listOf } from '../table.js';
import { option } from '../words.js';
import { compareCommand, holdersCommand } from './catalogue-releases.js';

interface SearchOptions extends PageOptions {
  readonly onDate?: string;
  readonly industry?: string;
}

const FILES = {
  name: '<file...>',
  zh: '目录表格(.csv、.xlsx)或所在目录',
  en: 'tables of the release (.csv, .xlsx), or their directory',
};

/** Milliseconds for judging and storing a whole release. */
const PUBLISH_LIMIT_MS = 300_000;

/** `catalogue`: searching the standard scope entries, its releases (R4, R7, R25). */
export const catalogue: Group = (program) => {
  const group = addGroup(program, {
    name: 'catalogue',
    zh: '经营范围目录',
    en: 'catalogue of business scopes',
  });
  addCommand<SearchOptions>(group, {
    name: 'search',
    zh: '检索条目:文字、代码、行业、拼音或首字母',
    en: 'finds entries by text, code, industry, pinyin or initials',
    arguments: [{ name: '[word...]', zh: '检索词', en: 'words, all of which must match' }],
    options: [
      option('--industry <code>', '行业代码', 'code of an industry'),
      option('--on-date <date>', '日期 YYYY-MM-DD,默认今天', 'as of this day; today by default'),
      ...pageOptions(),
    ],
    run: search,
  });
  addCommand<object>(
    group,
    releaseCommand(
      'import',
      '读入并校验表格,不发布',
      'reads and checks tables; publishes nothing',
      true,
    ),
  );
  addCommand<object>(
    group,
    releaseCommand(
      'publish',
      '发布:整体生效或整体不生效',
      'publishes a release, whole or not at all',
      false,
    ),
  );
  addCommand(group, compareCommand);
  addCommand(group, holdersCommand);
};

function releaseCommand(
  name: string,
  zh: string,
  en: string,
  dryRun: boolean,
): CommandSpec<object> {
  return { name, zh, en, arguments: [FILES], run: (call) => takeRelease(call, dryRun) };
}

async function search({ hub, args, options }: Call<SearchOptions>): Promise<Answer> {
  const client = hub.client(ScopeCatalog);
  const { onDate = '', industry: industryCode = '' } = options;
  let provisional = false;
  let stale = false;
  const pages = await readPages(options, 200, async (page) => {
    const answer = await client.searchScopeEntries({
      query: args.join(' '),
      onDate,
      industryCode,
      ...page,
    });
    ({ provisional, stale } = answer);
    return { entries: answer.matches, nextPageToken: answer.nextPageToken };
  });
  return {
    json: {
      matches: pages.entries.map((one) => toJson(ScopeEntryMatchSchema, one)),
      nextPageToken: pages.nextPageToken,
      provisional,
      stale,
    },
    text:
      matchesTable(pages.entries) +
      moreOf(pages) +
      (provisional ? PROVISIONAL : '') +
      (stale ? STALE : ''),
  };
}

const PROVISIONAL = `\n${both('暂用数据,非官方目录', 'provisional, not the official list')}`;
const STALE = `\n${both('未能确认与总局目录一致,可能不是最新', 'may lack a release: the national node was not reached, or one is missing')}`;

function matchesTable(matches: readonly ScopeEntryMatch[]): string {
  return listOf(
    ['代码 code', '规范表述 name', '许可事项 permit items', '匹配 by'],
    matches.map(({ entry, permitItemCodes, matchedBy }) => [
      entry?.scopeEntryCode ?? '',
      entry?.name ?? '',
      permitItemCodes.join(', '),
      matchedBy,
    ]),
  );
}

async function takeRelease({ hub, args }: Call<object>, dryRun: boolean): Promise<Answer> {
  const files = await readCatalogueFiles(args);
  const request: MessageInitShape<typeof PublishCatalogRequestSchema> = {
    source: { case: 'files', value: { files } },
    dryRun,
  };
  const answer = await hub
    .client(ScopeCatalog)
    .publishCatalog(create(PublishCatalogRequestSchema, request), { timeoutMs: PUBLISH_LIMIT_MS });
  const acceptable = !answer.findings.some(isError);
  return {
    json: toJson(PublishCatalogResponseSchema, answer, { alwaysEmitImplicit: true }),
    text: [releaseFacts(answer, dryRun), findingsTable(answer.findings)]
      .filter((part) => part !== '')
      .join('\n\n'),
    exitCode: acceptable ? ExitCode.DONE : ExitCode.FOUND,
  };
}

function isError({ severity }: Finding): boolean {
  return severity === Severity.ERROR;
}

function releaseFacts(answer: PublishCatalogResponse, dryRun: boolean): string {
  const { published, catalogVersion: release, findings, findingCount } = answer;
  const outcome = dryRun ? both('已校验,未发布', 'checked, not published') : notPublished;
  return factsOf([
    ['结果 outcome', published ? both('已发布', 'published') : outcome],
    ['目录版本 release', release ? `${release.version} (${release.layer})` : ''],
    ['生效 from', release?.effectiveFrom ?? ''],
    ['条目 entries', String(release?.entryCount ?? '')],
    ['事项 items', String(release?.itemCount ?? '')],
    ['发现 findings', findingCount > findings.length ? `${findings.length} / ${findingCount}` : ''],
  ]);
}

const notPublished = both('未发布', 'not published');
