import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ScopeCategory, type ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { createReadings } from '../../server/catalog/readings.js';
import { createEntrySearch, type EntrySearch } from '../../server/catalog/search.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { industryFacts } from '../../server/services/scope-catalog/industries.js';
import { permitEntry } from '../domain/catalog/builders.js';
import { referenceRelease } from './files.js';

const INDUSTRIES = industryFacts(loadReference().industries);
const EVERYTHING = { category: ScopeCategory.UNSPECIFIED, industryCode: '' };

const ENTRIES: readonly ScopeEntry[] = [
  permitEntry('A1', { name: '餐饮服务', keywords: ['饭店', '奶茶'], industryCodes: ['6210'] }),
  permitEntry('A2', { name: '餐饮管理', category: ScopeCategory.GENERAL }),
  permitEntry('A3', { name: '小餐饮服务（三小行业）' }),
  permitEntry('A4', { name: '银行业务', description: '吸收公众存款，不经营餐饮' }),
  permitEntry('A5', { name: '重庆小面制售', keywords: ['餐饮'] }),
  permitEntry('A6', { name: '会计代理记账', industryCodes: ['7241'] }),
  permitEntry('A7', { name: '绿化养护' }),
  permitEntry('A8', { name: '第二类医疗器械销售' }),
  permitEntry('I3006', { name: '食品销售（仅销售预包装食品）' }),
];

let small: EntrySearch;
let real: EntrySearch;
let catalogue: readonly ScopeEntry[];

beforeAll(async () => {
  small = createEntrySearch(ENTRIES, INDUSTRIES);
  catalogue = (await referenceRelease('catalogue')).entries;
  real = createEntrySearch(catalogue, INDUSTRIES);
});

function find(text: string, filter: Partial<typeof EVERYTHING> = {}): string[] {
  const answer = small.find({ text, ...EVERYTHING, ...filter });
  return answer.page(0, answer.total).map((hit) => `${hit.entry.scopeEntryCode} ${hit.matchedBy}`);
}

describe('what finds an entry', () => {
  it('R7 any part of the name, best match first, shorter names first', () => {
    expect(find('餐饮服务')).toEqual(['A1 name', 'A3 name']);
    expect(find('餐饮')).toEqual(['A1 name', 'A2 name', 'A3 name', 'A5 keyword', 'A4 description']);
  });

  it('R7 pinyin from any syllable, read by the phrase', () => {
    expect(find('canyin')).toEqual(['A1 pinyin', 'A2 pinyin', 'A3 pinyin', 'A5 pinyin']);
    expect(find('yinhang')).toEqual(['A4 pinyin']);
    expect(find('chongqing')).toEqual(['A5 pinyin']);
    expect(find('zhongqing')).toEqual([]);
    expect(find('kuaiji')).toEqual(['A6 pinyin']);
    expect(find('lvhua')).toEqual(['A7 pinyin']);
    expect(find('lühua')).toEqual(['A7 pinyin']);
    expect(find("can'yin")).toContain('A1 pinyin');
  });

  it('R7 a syllable may be unfinished, but not begun in its middle', () => {
    expect(find('canyinf')).toEqual(['A1 pinyin', 'A3 pinyin']);
    expect(find('anyin')).toEqual([]);
  });

  it('R7 initials from any syllable', () => {
    expect(find('cyfw')).toEqual(['A1 initials', 'A3 initials']);
    expect(find('yfw')).toEqual(['A1 initials', 'A3 initials']);
    expect(find('naich')).toEqual(['A1 pinyin']);
    expect(find('fd')).toEqual(['A1 initials']);
  });

  it('R7 code, keyword, industry code from its beginning and industry name', () => {
    expect(find('a1')).toEqual(['A1 code']);
    expect(find('3006')).toEqual(['I3006 code']);
    expect(find('奶茶')).toEqual(['A1 keyword']);
    expect(find('62')).toEqual(['A1 industry']);
    expect(find('21')).toEqual([]);
    expect(find('住宿和餐饮业')).toEqual(['A1 industry']);
  });

  it('R7 width and case do not matter', () => {
    expect(find('ＣＹＦＷ')).toEqual(find('cyfw'));
    expect(find('(三小行业)')).toEqual(['A3 name']);
  });

  it('R7 several words must all match', () => {
    expect(find('餐饮 管理')).toEqual(['A2 name']);
    expect(find('yiliao 销售')).toEqual(['A8 name']);
    expect(find('餐饮　不存在')).toEqual([]);
  });

  it('filters by category and by industry at any level', () => {
    expect(find('餐饮', { category: ScopeCategory.GENERAL })).toEqual(['A2 name']);
    for (const industryCode of ['H', '62', '621', '6210']) {
      expect(find('', { industryCode })).toEqual(['A1 ']);
    }
    expect(find('', { industryCode: '63' })).toEqual([]);
    expect(find('')).toHaveLength(ENTRIES.length);
  });
});

describe('order', () => {
  it('is the same each time, and pages put together are the whole', () => {
    const word = fc.constantFrom('服务', '销售', 's', 'xs', 'fuwu', '技术', '', 'c', '食品 x');
    fc.assert(
      fc.property(word, fc.integer({ min: 1, max: 60 }), (text, size) => {
        const answer = real.find({ text, ...EVERYTHING });
        const whole = answer.page(0, answer.total);
        const pages = Array.from({ length: Math.ceil(answer.total / size) }, (_, page) =>
          real.find({ text, ...EVERYTHING }).page(page * size, size),
        );
        expect(pages.flat()).toEqual(whole);
        expect(whole.map((hit) => hit.score)).toEqual(
          whole.map((hit) => hit.score).toSorted((a, b) => b - a),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('R7 finds every entry of the catalogue by its name, first, and by its code', () => {
    const byName = catalogue.filter((one) => {
      const [hit] = real.find({ text: one.name, ...EVERYTHING }).page(0, 1);
      return hit?.entry !== one;
    });
    expect(byName).toEqual([]);
    for (const one of catalogue) {
      const [hit] = real.find({ text: one.scopeEntryCode, ...EVERYTHING }).page(0, 1);
      expect(hit?.entry).toBe(one);
    }
  });
});

describe('readings', () => {
  it('remembers a bounded number of texts', () => {
    const readingOf = createReadings(2);
    const first = readingOf('餐饮');
    expect(readingOf('餐饮')).toBe(first);
    readingOf('管理');
    readingOf('服务');
    expect(readingOf('餐饮')).not.toBe(first);
    expect(readingOf('餐饮')).toEqual(first);
  });

  it('leaves out punctuation and what has no reading', () => {
    expect(createReadings(9)('A4纸、（会计）𠮷')).toEqual(['a', '4', 'zhi', 'kuai', 'ji']);
  });
});
