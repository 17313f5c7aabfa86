/**
 * Text as it should have been sent (VR27): width, length and the normal form in which names are
 * compared (VR25). `text-problems.ts` finds what no normal form can mend.
 */

/** Full-width digits and letters and the ideographic space; punctuation stays as it is. */
const FULL_WIDTH = /[\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A\u3000]/;
const FULL_WIDTH_ALL = new RegExp(FULL_WIDTH, 'g');
const FULL_WIDTH_DISTANCE = 0xfee0;

const BRACKETS = /[[{〔【〖〘〚]|[\]}〕】〗〙〛]/g;
const OPENING_BRACKETS = '[{〔【〖〘〚';

/** White space and what shows as nothing: zero-width marks, direction controls, soft hyphen. */
const INVISIBLE = /[\s\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]+/g;

/**
 * Text with full-width digits, letters and spaces in half width (VR27). Chinese punctuation,
 * including （）and ，, is left alone. One UTF-16 unit becomes one, so positions do not move.
 */
export function foldFullWidth(text: string): string {
  if (!FULL_WIDTH.test(text)) return text;
  return text.replace(FULL_WIDTH_ALL, (character) =>
    character === '\u3000'
      ? ' '
      : String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_DISTANCE),
  );
}

/**
 * Name in the form in which names are compared for attribution (VR25): NFKC, every kind of bracket
 * as (), no white space or invisible character anywhere, upper case. Two names are equal exactly
 * when these forms are. It is idempotent, so it may be kept as a key; it is no form to show, and
 * nothing fuzzier may match alone.
 */
export function normaliseName(name: string): string {
  return (
    name
      .normalize('NFKC')
      .replace(INVISIBLE, '')
      .replace(BRACKETS, (bracket) => (OPENING_BRACKETS.includes(bracket) ? '(' : ')'))
      .toUpperCase()
      // Upper case and closed gaps can leave sequences that compose once more (ΐ, "a \u0301").
      .normalize('NFKC')
  );
}

/** White space, and what shows as nothing or as a blank however it is written: fillers, joiners, marks. */
const NOTHING = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether nobody would see anything of a text: a field that holds such is as good as empty. */
export function showsNothing(text: string): boolean {
  return NOTHING.test(text);
}

/**
 * Length in characters (code points), the unit of every length in the data standard: a rare
 * character outside the basic plane counts 1, not 2.
 */
export function charLength(text: string): number {
  let length = text.length;
  for (let i = 0; i + 1 < text.length; i += 1) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) length -= 1;
  }
  return length;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
