import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { demand, type Check, type Services } from '../check.js';

const MODES: readonly ReformMode[] = [
  ReformMode.CANCELLED,
  ReformMode.FILING,
  ReformMode.COMMITMENT,
  ReformMode.OPTIMISED,
];

/** Pages of 200 entries that are read. */
const PAGES = 100;

async function entriesOf({ scopeCatalog }: Services): Promise<readonly ScopeEntry[]> {
  const entries: ScopeEntry[] = [];
  let pageToken = '';
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await scopeCatalog.listScopeEntries({ pageSize: 200, pageToken });
    entries.push(...answer.entries);
    pageToken = answer.nextPageToken;
    if (pageToken === '') break;
  }
  return entries;
}

/** 目录: the catalogue that everything else is computed from. Nothing is written. */
export const catalogueChecks: readonly Check[] = [
  {
    requirement: 'R3',
    demand: {
      zh: '每个许可事项属于四种改革方式之一',
      en: 'every permit item has one of the four reform modes',
    },
    run: async (_, subject) => {
      const items = await subject.items();
      const odd = items.filter(({ reformMode }) => !MODES.includes(reformMode));
      const expected = { zh: '四种改革方式之一', en: 'one of the four reform modes' };
      demand(items.length > 0, { zh: '有许可事项', en: 'there are permit items' }, 0);
      demand(
        odd.length === 0,
        expected,
        odd.map(({ permitItemCode }) => permitItemCode),
      );
    },
  },
  {
    requirement: 'R4',
    demand: { zh: '有在用的中央目录', en: 'a central catalogue is in force' },
    run: async ({ scopeCatalog }) => {
      const { catalogVersion } = await scopeCatalog.getCatalogVersion({});
      const expected = { zh: '答复目录版本', en: 'the version of a catalogue' };
      demand((catalogVersion?.version ?? '') !== '', expected, catalogVersion);
    },
  },
  {
    requirement: 'R6',
    demand: {
      zh: '每个许可事项都对应目录中的经营范围条目',
      en: 'every permit item is mapped to entries of the catalogue',
    },
    run: async (services, subject) => {
      const codes = new Set((await entriesOf(services)).map((one) => one.scopeEntryCode));
      const orphans = (await subject.items()).filter(
        ({ scopeEntryCodes }) =>
          scopeEntryCodes.length === 0 || scopeEntryCodes.some((code) => !codes.has(code)),
      );
      const expected = { zh: '没有无条目的事项', en: 'no item without its entries' };
      demand(
        orphans.length === 0,
        expected,
        orphans.map((one) => one.permitItemCode),
      );
    },
  },
  {
    requirement: 'R7',
    demand: {
      zh: '可按表述检索条目、按代码查询,没有的代码答未找到',
      en: 'entries are found by their text and by code; an unknown code is not found',
    },
    run: async (services) => {
      const { scopeCatalog } = services;
      const [entry] = await entriesOf(services);
      demand(entry !== undefined, { zh: '目录有条目', en: 'the catalogue has entries' }, 0);
      const { scopeEntryCode, name } = entry;
      const { matches } = await scopeCatalog.searchScopeEntries({ query: name, pageSize: 200 });
      const found = matches.map((match) => match.entry?.scopeEntryCode ?? '');
      const expected = {
        zh: `检索“${name}”得 ${scopeEntryCode}`,
        en: `${scopeEntryCode} is found`,
      };
      demand(found.includes(scopeEntryCode), expected, found.slice(0, 20));
      const { entry: same } = await scopeCatalog.getScopeEntry({ scopeEntryCode });
      demand(same?.name === name, { zh: `表述为“${name}”`, en: `it is ${name}` }, same?.name);
      const lost = await reasonOf(scopeCatalog.getScopeEntry({ scopeEntryCode: 'ZZ9999' }));
      demand(lost === 'NOT_FOUND', { zh: '答 NOT_FOUND', en: 'NOT_FOUND' }, lost);
    },
  },
  {
    requirement: 'R8',
    demand: {
      zh: '勾选的条目形成规范的经营范围文本',
      en: 'the ticked entries make the canonical text of the scope',
    },
    run: async (_, subject) => {
      const { scope } = await subject.scopeOf(ReformMode.OPTIMISED);
      const missing = scope.entries.filter(({ name }) => !scope.opScope.includes(name));
      const expected = { zh: '文本含每个条目的表述', en: 'the text has the words of each entry' };
      demand(scope.entries.length > 0 && missing.length === 0, expected, scope.opScope);
    },
  },
];

/** The reason of a refusal; OK when there is none. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    if (!(error instanceof HubClientError)) throw error;
    return error.reason ?? error.codeName;
  }
}
