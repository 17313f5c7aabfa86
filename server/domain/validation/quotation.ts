import type { Bilingual } from '../errors.js';
import { maskPersonalData } from '../identifiers/personal-data.js';

/** Longest piece of a message that a finding repeats. */
const MAX_QUOTED = 40;
/** Longer than what is quoted, so that no number is cut in two before it is masked. */
const SEARCHED = 2 * MAX_QUOTED;

const PRINTABLE = /^[\x21-\x7E]+$/;
/** Letters alone, more than a code has: a name in Latin letters, perhaps. */
const LETTERS_ONLY = /^\D{5,}$/;
/** As long as a telephone or identity number, also one with a typing error. */
const LONG_NUMBER = /\d{11,}/g;
const DIGITS_KEPT = 4;
const EMPTY: Bilingual = { zh: '(空)', en: '(empty)' };
const NOT_A_CODE: Bilingual = { zh: '(非代码内容)', en: '(not a code)' };

/**
 * A code or date of a message as a finding may repeat it: printable ASCII without spaces, cut to 40
 * characters, numbers as long as personal ones masked (VR28). Anything else is only described,
 * because it may be a name or an address in the wrong field.
 */
export function quote(value: string): Bilingual {
  if (value === '') return EMPTY;
  if (!PRINTABLE.test(value) || LETTERS_ONLY.test(value)) return NOT_A_CODE;
  return asIs(maskPersonalData(value.slice(0, SEARCHED)).replace(LONG_NUMBER, maskDigits));
}

function maskDigits(digits: string): string {
  return digits.slice(0, DIGITS_KEPT) + '*'.repeat(digits.length - DIGITS_KEPT);
}

/** A text of the program or of the catalogue, the same in both languages, cut to 40 characters. */
export function asIs(text: string): Bilingual {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED - 1)}…` : text;
  return { zh: shown, en: shown };
}
