import { readdir, readFile } from 'node:fs/promises';
import { create } from '@bufbuild/protobuf';
import {
  CatalogReleaseSchema,
  ScopeEntrySchema,
  type CatalogRelease,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  ScopeCatalog,
  SearchScopeEntriesRequestSchema,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { importRelease } from '../../server/catalog/import.js';
import type { CatalogShelf } from '../../server/catalog/shelf.js';
import { NOBODY } from '../../server/domain/access/principal.js';
import { createCatalogLibrary } from '../../server/domain/catalog/library.js';
import { encoderOf } from '../../server/doors/grpc-codec.js';
import type { Call } from '../../server/doors/service.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { regionLineage } from '../../server/reference/region-codes.js';
import { createScopeCatalog } from '../../server/services/scope-catalog.js';
import { openDatabase } from '../../server/storage/database.js';
import { figure, type Family } from '../measure.js';
import { quantile } from '../statistics.js';

const ENTRIES = 2_000;
const NODE = '330000';
const TODAY = '2026-01-01';
const CATALOGUE = new URL('../../reference/catalogue/', import.meta.url);
/** Appended to the names of the catalogue that comes with the program, until there are enough. */
const SUFFIXES = ['', '研发', '批发', '零售', '咨询'];
const QUERIES = ['餐饮', '服务', 'cyfw', 'canyin', 'xs', '食品 销售', '医疗器械', '6210', 'PA0001'];
const CALL: Call = {
  signal: new AbortController().signal,
  caller: { peer: '127.0.0.1:0' },
  principal: NOBODY,
  cancelled: false,
  door: 'grpc',
};

/** What a search costs in the server: the implementation of the RPC and the encoding of its answer. */
export const searching: Family = {
  name: 'searching',
  needsRedis: false,
  goals: [
    {
      name: 'search_p99_ms',
      title:
        '条目检索 p99,2000 条,服务端,毫秒 · SearchScopeEntries p99, 2,000 entries, in the server, ms',
      atLeast: 5,
      aim: 1,
      lessIsBetter: true,
      valueOf: (round) => figure(round, 'hub', 'p99Ms'),
    },
  ],
  open: async () => {
    const search = await openSearch();
    return {
      contenders: [{ name: 'hub', round: (seconds) => askFor(seconds, search) }],
      close: () => Promise.resolve(),
    };
  },
};

async function askFor(seconds: number, search: (query: string) => Promise<number>) {
  const until = performance.now() + seconds * 1000;
  const tookMs: number[] = [];
  for (let turn = 0; performance.now() < until; turn += 1) {
    const began = performance.now();
    await search(QUERIES[turn % QUERIES.length] ?? '');
    tookMs.push(performance.now() - began);
  }
  return { p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99) };
}

/** Answers the bytes of an answer. */
async function openSearch(): Promise<(query: string) => Promise<number>> {
  const library = createCatalogLibrary([await largeRelease()], {
    node: NODE,
    lineageOf: regionLineage,
  });
  const service = createScopeCatalog({
    // Never opened: a search asks no database.
    knex: openDatabase({ url: '', schema: NODE, poolSize: 1 }),
    provinces: [],
    isStale: () => false,
    shelf: { current: () => library } as CatalogShelf,
    node: NODE,
    level: 'provincial',
    reference: loadReference(),
    today: () => TODAY,
  });
  const encode = encoderOf(ScopeCatalog.method.searchScopeEntries.output);
  return async (query) => {
    const request = create(SearchScopeEntriesRequestSchema, { query });
    return encode(await service.searchScopeEntries(request, CALL)).length;
  };
}

/** The catalogue that comes with the program, grown to 2,000 entries. */
async function largeRelease(): Promise<CatalogRelease> {
  const names = (await readdir(CATALOGUE)).filter((name) => /\.(?:csv|xlsx)$/.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(new URL(name, CATALOGUE)) })),
  );
  const { release } = await importRelease(files);
  if (!release) throw new Error('the catalogue of the program can not be read');
  const entries = SUFFIXES.flatMap((suffix, round) =>
    release.entries.map((entry) =>
      create(ScopeEntrySchema, {
        ...entry,
        scopeEntryCode: entry.scopeEntryCode + (round === 0 ? '' : String(round)),
        name: entry.name + suffix,
      }),
    ),
  ).slice(0, ENTRIES);
  if (entries.length < ENTRIES) throw new Error(`only ${entries.length} entries`);
  return create(CatalogReleaseSchema, { ...release, entries });
}
