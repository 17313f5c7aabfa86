import { ScopeCategory, type ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { CatalogView } from '../domain/catalog/view.js';
import { createReadings } from './readings.js';
import {
  foldText,
  searchFields,
  type IndustryNames,
  type MatchedBy,
  type SearchField,
} from './search-fields.js';

/** What is looked for. */
export interface SearchQuery {
  /** Words parted by white space; all must match. Empty: everything. */
  readonly text: string;
  /** UNSPECIFIED: both. */
  readonly category: ScopeCategory;
  /** GB/T 4754 class or section; entries of it or below it. Empty: all. */
  readonly industryCode: string;
}

/** An entry found. */
export interface SearchHit {
  readonly entry: ScopeEntry;
  /** Higher is better, inside one answer; 0 without words. */
  readonly score: number;
  /** Field of the best word; empty without words. */
  readonly matchedBy: MatchedBy | '';
}

/** Industry facts the search uses. */
export interface IndustryFacts {
  readonly namesOf: IndustryNames;
  /** Whether a code is the class or section, or below it. */
  readonly isWithin: (code: string, ancestor: string) => boolean;
}

/** The answer to a query; hits are only made for the page that is looked at. */
export interface SearchAnswer {
  readonly total: number;
  /** Hits from a position on, at most `limit`, best first. */
  page(offset: number, limit: number): readonly SearchHit[];
}

/** The search of one view. */
export interface EntrySearch {
  /** Answers a query; the same query always gives the same order. */
  find(query: SearchQuery): SearchAnswer;
  /** Builds every field now instead of at the first query that needs it. */
  prepare(): void;
}

/** Readings kept over releases: names and keywords of a catalogue of several thousand entries. */
const READINGS_KEPT = 20_000;
/** A text is read alike for every view, so that the nodes of one process share what was read. */
const readingOf = createReadings(READINGS_KEPT);

/**
 * Makes the searches of views. A view's index is built once and dropped with the view; readings of
 * unchanged texts outlive it. R4, R7.
 */
export function createCatalogSearch(industries: IndustryFacts): (view: CatalogView) => EntrySearch {
  const searches = new WeakMap<CatalogView, EntrySearch>();
  return (view) => {
    const search = searches.get(view) ?? createEntrySearch(view.entries, industries);
    searches.set(view, search);
    return search;
  };
}

/** Makes the search over some entries, given in code order. */
export function createEntrySearch(
  entries: readonly ScopeEntry[],
  industries: IndustryFacts,
): EntrySearch {
  // Shorter names first: the position of an entry is at once its rank among equal scores.
  const ranked = [...entries].sort(byLengthThenCode);
  const fields = searchFields({ entries: ranked, industryNames: industries.namesOf, readingOf });
  const passes = (entry: ScopeEntry, query: SearchQuery): boolean =>
    (query.category === ScopeCategory.UNSPECIFIED || entry.category === query.category) &&
    (query.industryCode === '' ||
      entry.industryCodes.some((code) => industries.isWithin(code, query.industryCode)));
  return {
    prepare() {
      for (const field of fields) field.haystack();
    },
    find(query) {
      const words = wordsOf(query.text);
      if (words.length === 0) return everything(entries.filter((entry) => passes(entry, query)));
      const scores = scoreAll(fields, words, ranked.length);
      return ranking(ranked, scores, (entry) => passes(entry, query));
    },
  };
}

/** Without words nothing is better than anything else: code order. */
function everything(entries: readonly ScopeEntry[]): SearchAnswer {
  return {
    total: entries.length,
    page: (offset, limit) =>
      entries
        .slice(offset, offset + limit)
        .map((entry) => ({ entry, score: 0, matchedBy: '' as const })),
  };
}

function wordsOf(text: string): readonly string[] {
  const words = text.normalize('NFKC').split(/\s+/).map(foldText);
  return [...new Set(words)].filter((word) => word !== '');
}

/** Points per entry: 0 where a word was not found. */
interface Scores {
  readonly points: Float64Array;
  readonly fields: readonly SearchField[];
  /** Index of the field in which the best word was found. */
  readonly bestField: Uint8Array;
}

function scoreAll(fields: readonly SearchField[], words: readonly string[], count: number): Scores {
  const points = new Float64Array(count);
  const best = new Float64Array(count);
  const bestField = new Uint8Array(count);
  words.forEach((word, round) => {
    const { wordPoints, wordField } = scoreWord(fields, word, count);
    for (let i = 0; i < count; i += 1) {
      const earned = wordPoints[i] ?? 0;
      const before = points[i] ?? 0;
      points[i] = earned === 0 || (round > 0 && before === 0) ? 0 : before + earned / words.length;
      if (earned > (best[i] ?? 0)) {
        best[i] = earned;
        bestField[i] = wordField[i] ?? 0;
      }
    }
  });
  return { points, fields, bestField };
}

function scoreWord(
  fields: readonly SearchField[],
  word: string,
  count: number,
): { readonly wordPoints: Uint8Array; readonly wordField: Uint8Array } {
  const wordPoints = new Uint8Array(count);
  const wordField = new Uint8Array(count);
  fields.forEach((field, index) => {
    if (!field.takes(word)) return;
    field.haystack().find(word, (owner, fit) => {
      const earned = field.points[fit];
      if (earned <= (wordPoints[owner] ?? 0)) return;
      wordPoints[owner] = earned;
      wordField[owner] = index;
    });
  });
  return { wordPoints, wordField };
}

/** Room for the rank below the points in one number. */
const RANKS = 2 ** 20;

/** Sorts plain numbers that hold points and rank at once: far faster than sorting objects. */
function ranking(
  ranked: readonly ScopeEntry[],
  scores: Scores,
  passes: (entry: ScopeEntry) => boolean,
): SearchAnswer {
  const keys: number[] = [];
  ranked.forEach((entry, index) => {
    const points = scores.points[index] ?? 0;
    if (points > 0 && passes(entry)) keys.push(index - Math.round(points * 100) * RANKS);
  });
  const sorted = Float64Array.from(keys).sort();
  return {
    total: sorted.length,
    page: (offset, limit) =>
      Array.from(sorted.subarray(offset, offset + limit), (key) =>
        hitAt(ranked, scores, ((key % RANKS) + RANKS) % RANKS),
      ),
  };
}

function hitAt(ranked: readonly ScopeEntry[], scores: Scores, index: number): SearchHit {
  const entry = ranked[index];
  const field = scores.fields[scores.bestField[index] ?? 0];
  if (!entry || !field) throw new RangeError(`no entry of rank ${index}`);
  const points = scores.points[index] ?? 0;
  return { entry, score: points + 1 / (1 + entry.name.length), matchedBy: field.matchedBy };
}

function byLengthThenCode(a: ScopeEntry, b: ScopeEntry): number {
  if (a.name.length !== b.name.length) return a.name.length - b.name.length;
  return a.scopeEntryCode < b.scopeEntryCode ? -1 : 1;
}
