import type { Licence, Record } from '#gen/zhengzhao/v1/record_pb.js';
import { isPlaceholder } from '../identifiers/placeholder.js';
import { normaliseName } from '../identifiers/text.js';

/**
 * Citations of licences by their numbers (D5). A number and a text that cites it are compared in one
 * normal form, so that no spelling hides a citation: width, case, kind of bracket and dash, and blanks
 * inside do not matter. A number stands in a text as a whole: not as a part of a longer one.
 */

/** A shorter number is cited only where it stands by itself: `1` is no citation in `〔2019〕1号`. */
const SHORT = 6;

/** White space, what shows as nothing, and control characters. */
const GAPS = /[\p{Z}\p{C}]+/gu;
const DASHES = /[\u2010-\u2015\u2212]/g;
/** After these, and before them, something else begins. In normal form. */
const SEPARATORS = /[,;:|<>"'、。“”‘’《》「」]/;
const WORD = /[\p{L}\p{N}]/u;
const HAN = /\p{Script=Han}/u;
/** What a number has and a name or a sentence seldom has: digits, Latin letters, Chinese numerals. */
const NUMERAL = /[\p{N}A-Z〇一二三四五六七八九十百千]/u;

/** A text in normal form, and where in it a number may begin or end. */
interface Compact {
  readonly text: string;
  /** Places before a character (and the end) where no two letters or digits of one word meet. */
  readonly edges: readonly boolean[];
  /** Of these, the places where a blank, a separator or the end of the text is. */
  readonly breaks: readonly boolean[];
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && WORD.test(character) && !HAN.test(character);
}

function compactOf(text: string): Compact {
  const pieces = text
    .normalize('NFKC')
    .split(GAPS)
    .map((piece) => normaliseName(piece).replace(DASHES, '-'));
  const whole = pieces.join('');
  const gaps = new Set<number>();
  let length = 0;
  for (const piece of pieces) gaps.add((length += piece.length));
  const edges: boolean[] = [];
  const breaks: boolean[] = [];
  for (let place = 0; place <= whole.length; place += 1) {
    const [before, after] = [whole[place - 1], whole[place]];
    const isBreak =
      before === undefined ||
      after === undefined ||
      gaps.has(place) ||
      SEPARATORS.test(before) ||
      SEPARATORS.test(after);
    breaks.push(isBreak);
    edges.push(isBreak || !(isWord(before) && isWord(after)));
  }
  return { text: whole, edges, breaks };
}

/** A licence number in normal form; empty for a placeholder, which numbers nothing. */
export function normaliseNumber(number: string): string {
  return isPlaceholder(number) ? '' : compactOf(number).text;
}

/** By what a number in normal form is looked up: its last characters. */
export function endingOf(number: string): string {
  return number.slice(-SHORT);
}

/**
 * Endings of all numbers that a text may cite (see {@link endingOf}), each once: about one for each
 * word with a digit.
 */
export function endingsIn(text: string): string[] {
  const { text: whole, edges, breaks } = compactOf(text);
  const endings = new Set<string>();
  for (let place = 1; place <= whole.length; place += 1) {
    if (breaks[place])
      for (let start = Math.max(0, place - SHORT + 1); start < place; start += 1)
        if (breaks[start]) endings.add(whole.slice(start, place));
    if (!edges[place] || place < SHORT) continue;
    const ending = whole.slice(place - SHORT, place);
    if (breaks[place] || NUMERAL.test(ending)) endings.add(ending);
  }
  return [...endings];
}

/** Whether a text cites one of these numbers, each in whatever spelling. */
export function cites(text: string, numbers: readonly string[]): boolean {
  if (text === '' || numbers.length === 0) return false;
  const compact = compactOf(text);
  return numbers.some((number) => citesOne(compact, normaliseNumber(number)));
}

function citesOne({ text, edges, breaks }: Compact, number: string): boolean {
  if (number === '') return false;
  if (text === number) return true;
  const places = standsAlone(number) ? breaks : edges;
  for (let at = text.indexOf(number); at >= 0; at = text.indexOf(number, at + 1))
    if (places[at] && places[at + number.length]) return true;
  return false;
}

/** Whether a number is cited only where nothing touches it: a short one, or one that ends as words do. */
function standsAlone(number: string): boolean {
  return number.length < SHORT || !NUMERAL.test(endingOf(number));
}

/** Numbers of a licence and of its document, in normal form. */
export function licenceNumbers({ licNo, licDocNo }: Licence): string[] {
  const numbers = [licNo, licDocNo].map(normaliseNumber).filter((number) => number !== '');
  return [...new Set(numbers)];
}

/** The texts by which an inspection or a penalty cites licences; empty ones are left out. */
export function citationsOf({ body }: Pick<Record, 'body'>): string[] {
  const texts =
    body.case === 'inspection'
      ? [body.value.relatedLicenceNo]
      : body.case === 'penalty'
        ? [body.value.relatedLicenceNo, body.value.licenceNameNo]
        : [];
  return texts.filter((text) => text !== '');
}
