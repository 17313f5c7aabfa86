import type { ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { Haystack, type Fit, type Segment } from './haystack.js';
import type { ReadingOf } from './readings.js';

/** By what an entry was found, as the contract names it. */
export type MatchedBy =
  'code' | 'name' | 'keyword' | 'pinyin' | 'initials' | 'industry' | 'description';

/** What the search knows of an industry code: its own name and those it lies in. */
export type IndustryNames = (code: string) => readonly string[];

/** One searchable field of all entries. */
export interface SearchField {
  readonly matchedBy: MatchedBy;
  /** Points by how well the text was met; a higher one always goes before a lower one. */
  readonly points: Readonly<Record<Fit, number>>;
  /** Whether this word may be looked for here at all. */
  readonly takes: (word: string) => boolean;
  readonly haystack: () => Haystack;
}

/** What the fields are made of. */
export interface FieldSources {
  readonly entries: readonly ScopeEntry[];
  readonly industryNames: IndustryNames;
  readonly readingOf: ReadingOf;
}

/** Text as it is compared: half width, lower case, no white space or apostrophe; ü as it is typed. */
export function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s']+/g, '')
    .replaceAll('ü', 'v');
}

const anyWord = (): boolean => true;
/** Every code of a list begins alike, so a word without a digit would match them all. */
const hasDigit = (word: string): boolean => /\d/.test(word);
const isTyped = (word: string): boolean => /^[a-z0-9]+$/.test(word);

/**
 * The fields, best first (R7). Each is built when first needed: a search in Chinese never waits for
 * the pinyin.
 */
export function searchFields(sources: FieldSources): readonly SearchField[] {
  const { entries, readingOf } = sources;
  const names = (entry: ScopeEntry): readonly string[] => [entry.name];
  const keywords = (entry: ScopeEntry): readonly string[] => entry.keywords;
  const folded = (textsOf: (entry: ScopeEntry) => readonly string[]) => () =>
    segmentsOf(entries, textsOf, (text) => ({ text: foldText(text) }));
  const spoken = (textsOf: (entry: ScopeEntry) => readonly string[]) => () =>
    segmentsOf(entries, textsOf, (text) => spell(readingOf(text)));
  const initials = (textsOf: (entry: ScopeEntry) => readonly string[]) => () =>
    segmentsOf(entries, textsOf, (text) => ({ text: initialsOf(readingOf(text)) }));
  return [
    field(
      'code',
      [110, 65, 62],
      hasDigit,
      folded((entry) => [entry.scopeEntryCode]),
    ),
    field('name', [100, 90, 80], anyWord, folded(names)),
    field('keyword', [70, 68, 66], anyWord, folded(keywords)),
    field('pinyin', [58, 56, 54], isTyped, spoken(names)),
    field('pinyin', [52, 50, 48], isTyped, spoken(keywords)),
    field('initials', [46, 44, 42], isTyped, initials(names)),
    field('initials', [40, 38, 36], isTyped, initials(keywords)),
    field('industry', [30, 28, 26], anyWord, () => industrySegments(sources)),
    field('description', [10, 10, 10], anyWord, folded(notesOf)),
  ];
}

function field(
  matchedBy: MatchedBy,
  [whole, prefix, inside]: readonly [number, number, number],
  takes: (word: string) => boolean,
  segments: () => readonly Segment[],
): SearchField {
  let haystack: Haystack | undefined;
  return {
    matchedBy,
    points: { whole, prefix, inside },
    takes,
    haystack: () => (haystack ??= new Haystack(segments())),
  };
}

function segmentsOf(
  entries: readonly ScopeEntry[],
  textsOf: (entry: ScopeEntry) => readonly string[],
  form: (text: string) => Omit<Segment, 'owner'>,
): readonly Segment[] {
  return entries.flatMap((entry, owner) =>
    textsOf(entry).map((text) => ({ owner, ...form(text) })),
  );
}

/** Syllables run together; a match begins with a syllable, or `an` would be in `canyin`. */
function spell(syllables: readonly string[]): Omit<Segment, 'owner'> {
  const starts = new Set<number>();
  let length = 0;
  for (const syllable of syllables) {
    starts.add(length);
    length += syllable.length;
  }
  return { text: syllables.join(''), starts };
}

function initialsOf(syllables: readonly string[]): string {
  return syllables.map((syllable) => syllable.charAt(0)).join('');
}

/** Codes are met from their beginning only: `21` is no part of the class `6210`. */
function industrySegments({ entries, industryNames }: FieldSources): readonly Segment[] {
  const onlyStart = new Set([0]);
  return entries.flatMap((entry, owner) =>
    entry.industryCodes.flatMap((code): Segment[] => [
      { owner, text: code.toLowerCase(), starts: onlyStart },
      ...industryNames(code).map((name) => ({ owner, text: foldText(name) })),
    ]),
  );
}

function notesOf(entry: ScopeEntry): readonly string[] {
  return [entry.description, entry.includeNote, entry.excludeNote];
}
