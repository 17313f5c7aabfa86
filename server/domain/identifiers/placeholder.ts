/**
 * Placeholders: what a source system writes into a number field when it has no number.
 * They must not be taken for an identity (VR6) nor for a document or licence number.
 */

/** Shortest run that is a filler rather than a number that happens to repeat (`666666` may be one). */
const MIN_REPEATED = 8;
const MIN_ASCENDING = 9;
/** Longer text is no placeholder word, brackets included; also bounds the bracket search. */
const MAX_WORD = 12;

const PLACEHOLDER_WORDS: ReadonlySet<string> = new Set([
  ...words('无 暂无 没有 空 未知 不详 不明 略 待定 待补 待补充 未填 未填写 其他 同上 不适用'),
  ...words('无编号 无文号 无证号 无号码 无此项 测试 测试数据'),
  ...words('NULL (NULL) NONE NIL NAN N/A #N/A NA UNDEFINED UNKNOWN EMPTY BLANK TEST TBD'),
]);

function words(list: string): string[] {
  return list.split(' ');
}

const FILLERS: readonly RegExp[] = [
  /** Dashes, slashes, dots, stars alone: a cell that was filled in only to be filled in. */
  /^[\p{P}\p{S}\s]*$/u,
  /** All zeros, also with the X that a wrongly computed check digit leaves behind. */
  /^0+X?$/,
  /^[X×]+$/,
];

/**
 * Whether the text stands for "there is no number": 无, -, /, null, N/A, 0000, XXXX, nine or more
 * ascending digits from 0 or 1, eight or more times the same character. Blank text counts too, so
 * check "required" first. Width, case, outer white space and surrounding brackets do not matter.
 */
export function isPlaceholder(text: string): boolean {
  const plain = text.normalize('NFKC').trim().toUpperCase();
  if (FILLERS.some((filler) => filler.test(plain))) return true;
  if (plain.length <= MAX_WORD && isPlaceholderWord(plain)) return true;
  if (plain.length >= MIN_REPEATED && isRepeated(plain, plain.length)) return true;
  const startsAscending = plain.startsWith('0') || plain.startsWith('1');
  return startsAscending && plain.length >= MIN_ASCENDING && isAscending(plain, plain.length);
}

function isPlaceholderWord(text: string): boolean {
  const bare = text.replace(/^[([<【《"']+/, '').replace(/[)\]>】》"']+$/, '');
  return PLACEHOLDER_WORDS.has(text) || PLACEHOLDER_WORDS.has(bare);
}

/** Whether the first `length` characters are all the same one (VR6). */
export function isRepeated(text: string, length: number): boolean {
  const first = text.charCodeAt(0);
  for (let i = 1; i < length; i += 1) {
    if (text.charCodeAt(i) !== first) return false;
  }
  return true;
}

/** Whether the first `length` characters are digits that count up, 0 after 9 (VR6: 1234567890…). */
export function isAscending(text: string, length: number): boolean {
  for (let i = 0; i < length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return false;
    if (i > 0 && digit !== (text.charCodeAt(i - 1) - 47) % 10) return false;
  }
  return true;
}
