/**
 * Text hygiene (VR27): finds what a broken export, a wrong character set or a pasted web page left
 * in a text field. Every pattern is linear, and one test over the text lets clean text go at once.
 */

/** What is wrong with a text. `TEXT_PROBLEM_SEVERITY` says which of them refuse a record. */
export type TextProblemKind =
  | 'CONTROL_CHARACTER'
  | 'REPLACEMENT_CHARACTER'
  | 'MOJIBAKE'
  | 'LONE_SURROGATE'
  | 'HTML_TAG'
  | 'HTML_ENTITY'
  | 'EXCEL_ERROR'
  | 'EXCEL_NUMBER'
  | 'EXCEL_APOSTROPHE'
  | 'BIDI_CONTROL'
  | 'INVISIBLE_CHARACTER';

/** First occurrence of one kind of problem; `index` counts UTF-16 units. */
export interface TextProblem {
  readonly kind: TextProblemKind;
  readonly index: number;
}

/** ERROR: content is lost or unsafe to show. WARNING: the text can still be read (VR27 is E/W). */
export const TEXT_PROBLEM_SEVERITY: Readonly<Record<TextProblemKind, 'ERROR' | 'WARNING'>> = {
  CONTROL_CHARACTER: 'ERROR',
  REPLACEMENT_CHARACTER: 'ERROR',
  MOJIBAKE: 'ERROR',
  LONE_SURROGATE: 'ERROR',
  HTML_TAG: 'ERROR',
  HTML_ENTITY: 'WARNING',
  EXCEL_ERROR: 'ERROR',
  EXCEL_NUMBER: 'ERROR',
  EXCEL_APOSTROPHE: 'WARNING',
  BIDI_CONTROL: 'ERROR',
  INVISIBLE_CHARACTER: 'WARNING',
};

const CONTROL = /[\p{Cc}\uFFFE\uFFFF]/u;
/** As CONTROL, but tab, line feed and CR LF may stand in a field of several lines. */
const CONTROL_MULTILINE = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\r(?!\n)/u;

/** What bytes 80-BF of UTF-8 become when they are read as Latin-1 or as Windows-1252. */
const CONTINUATION = '[\\u0080-\\u00BF€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]';

/**
 * Typical mojibake: UTF-8 read as Latin-1 (ä¸­, Ã¤), GBK read as Latin-1 (four or more of its
 * letters in a row; × and · are left out because people write ×× and ····), the GBK readings of
 * U+FFFD and of uninitialised memory, a byte order mark read as GBK, characters lost to ???.
 */
const MOJIBAKE = new RegExp(
  [
    '锟斤|斤拷|烫烫烫|屯屯屯|锘[縖挎]',
    `[\\u00E0-\\u00EF]${CONTINUATION}{2}`,
    '[\\u00C2\\u00C3][\\u0080-\\u00BF]',
    '[\\u00A1-\\u00B6\\u00B8-\\u00D6\\u00D8-\\u00FF]{4}',
    '\\?{3}',
  ].join('|'),
);
/**
 * UTF-8 read as GBK (鍏徃 for 公司) gives real but very rare characters. One may be meant; two are
 * not. They are the ones that common characters of names and scopes turn into and that 19 000 real
 * names hold none of; 涓 鏈 缁 and other products that are still in use are left out.
 */
const GBK_PRODUCTS = '鍙鍏瀹鍞鍔佹佸鍖鐢鏂鐩闄粡鎵閿檺鐨鍝鏄鍥鎴閮锛銆鈥';
const GBK_READING_TWICE = new RegExp(`[${GBK_PRODUCTS}][^]*?[${GBK_PRODUCTS}]`);

const HTML_TAG =
  /<!--|<\/?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,500})?\/?>|<(?:script|iframe|img|svg|a|style|object|embed)\s/i;
const HTML_ENTITY =
  /&(?:nbsp|lt|gt|amp|quot|apos|[lr][sd]quo|middot|hellip|[mn]dash|e[nm]sp|copy|reg|times|bull|#\d{1,7}|#x[0-9a-f]{1,6});/i;

const EXCEL_ERROR = /#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)|^\s*#{3,}\s*$/i;
/** A long number that a spreadsheet turned into 9.13302E+17: its digits are gone. */
const EXCEL_NUMBER = /(?<![0-9A-Za-z.])\d(?:\.\d{1,15})?E\+\d{1,3}(?![0-9A-Za-z])/i;
/** The mark that makes a cell text; a quotation has a second mark. */
const EXCEL_APOSTROPHE = /^\s*['‘’＇][^'‘’＇]+$/;

const BIDI = /[\u200E\u200F\u202A-\u202E\u2066-\u2069\u061C]/;
const INVISIBLE = /[\u00AD\u180E\u200B-\u200D\u2028\u2029\u2060-\u2064\u206A-\u206F\uFEFF]/;

const PATTERNS: readonly (readonly [TextProblemKind, RegExp])[] = [
  ['REPLACEMENT_CHARACTER', /\uFFFD/],
  ['MOJIBAKE', MOJIBAKE],
  ['MOJIBAKE', GBK_READING_TWICE],
  ['LONE_SURROGATE', /\p{Surrogate}/u],
  ['HTML_TAG', HTML_TAG],
  ['HTML_ENTITY', HTML_ENTITY],
  ['EXCEL_ERROR', EXCEL_ERROR],
  ['EXCEL_NUMBER', EXCEL_NUMBER],
  ['EXCEL_APOSTROPHE', EXCEL_APOSTROPHE],
  ['BIDI_CONTROL', BIDI],
  ['INVISIBLE_CHARACTER', INVISIBLE],
];

/** A character that at least one problem needs; text without any is clean. */
const SUSPICIOUS = new RegExp(
  '[\\p{Cc}\\p{Cs}\\p{Cf}\\u00A0-\\u00B6\\u00B8-\\u00D6\\u00D8-\\u00FF\\u2028\\u2029\\uFFFD-\\uFFFF' +
    `#&<?'‘’＇锟斤烫屯锘${GBK_PRODUCTS}]|[Ee]\\+`,
  'u',
);

const NO_PROBLEMS: readonly TextProblem[] = Object.freeze([]);

/**
 * Problems of a text (VR27), the first of each kind; an empty result (shared, frozen) means clean.
 * `multiline` allows tab, line feed and CR LF; unset, every control character is a problem.
 * Full width is no problem here: `foldFullWidth` mends it.
 */
export function findTextProblems(
  text: string,
  options: { readonly multiline?: boolean } = {},
): readonly TextProblem[] {
  if (!SUSPICIOUS.test(text)) return NO_PROBLEMS;
  const problems: TextProblem[] = [];
  addProblem(problems, text, 'CONTROL_CHARACTER', options.multiline ? CONTROL_MULTILINE : CONTROL);
  for (const [kind, pattern] of PATTERNS) addProblem(problems, text, kind, pattern);
  return problems.length === 0 ? NO_PROBLEMS : problems;
}

function addProblem(
  problems: TextProblem[],
  text: string,
  kind: TextProblemKind,
  pattern: RegExp,
): void {
  const index = text.search(pattern);
  if (index >= 0 && !problems.some((problem) => problem.kind === kind)) {
    problems.push({ kind, index });
  }
}
