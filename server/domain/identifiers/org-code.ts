/**
 * Organisation code 组织机构代码 (GB 11714): eight characters of 0-9 A-Z and one check character.
 * It is also characters 9-17 of a unified social credit code (VR3).
 */

const BODY_WEIGHTS = Int32Array.of(3, 7, 9, 10, 5, 8, 4, 2);
const BODY_LENGTH = 8;
const CHECK_CHARACTERS = '0123456789X';

/** Value of a character code in GB 11714 (0-9, A=10 … Z=35), -1 for any other. */
const CHARACTER_VALUES = buildCharacterValues();

function buildCharacterValues(): Int32Array {
  const values = new Int32Array(128).fill(-1);
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (let value = 0; value < alphabet.length; value += 1) {
    values[alphabet.charCodeAt(value)] = value;
  }
  return values;
}

/**
 * Index (0-10, 10 = X) of the check character for the eight characters of `text` from `offset`;
 * -1 when one of them is missing or not 0-9 A-Z. Works on an offset so that VR3 cuts no string.
 */
function checkIndexAt(text: string, offset: number): number {
  let sum = 0;
  for (let i = 0; i < BODY_LENGTH; i += 1) {
    const value = CHARACTER_VALUES[text.charCodeAt(offset + i)] ?? -1;
    if (value < 0) return -1;
    sum += value * (BODY_WEIGHTS[i] ?? 0);
  }
  return (11 - (sum % 11)) % 11;
}

/**
 * Whether the nine characters of `text` from `offset` carry the right check character (VR3).
 * False when the text is too short or holds a character outside 0-9 A-Z.
 */
export function orgCodeHoldsAt(text: string, offset: number): boolean {
  const index = checkIndexAt(text, offset);
  return index >= 0 && text.charCodeAt(offset + BODY_LENGTH) === CHECK_CHARACTERS.charCodeAt(index);
}

/**
 * Check character (0-9 or X) for the first eight characters of an organisation code (VR3);
 * undefined when they are not exactly eight characters of 0-9 A-Z.
 */
export function orgCodeCheckDigit(first8: string): string | undefined {
  if (first8.length !== BODY_LENGTH) return undefined;
  const index = checkIndexAt(first8, 0);
  return index < 0 ? undefined : CHECK_CHARACTERS[index];
}
