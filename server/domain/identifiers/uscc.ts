/**
 * Unified social credit code 统一社会信用代码 (GB 32100-2015): VR1-VR4 and VR6.
 * Eighteen characters: department, kind, six region digits, organisation code (nine), check digit.
 * Every record passes here at least once, so the checks work on tables and allocate nothing.
 */
import { orgCodeHoldsAt } from './org-code.js';
import { isAscending, isPlaceholder, isRepeated } from './placeholder.js';

/**
 * What is wrong with a code. FORMAT (VR1), CHECK_DIGIT (VR2) and PLACEHOLDER (VR6) refuse it;
 * ORG_CODE (VR3) is a warning, because some legacy codes were issued with another check character.
 */
export type UsccProblem = 'FORMAT' | 'CHECK_DIGIT' | 'ORG_CODE' | 'PLACEHOLDER';

/** Kind of a market entity: second character of a code issued by market regulation (VR4). */
export type MarketEntityKind =
  'ENTERPRISE' | 'INDIVIDUAL_BUSINESS' | 'FARMER_COOPERATIVE' | 'OTHER';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const MODULUS = 31;
const CODE_LENGTH = 18;
const BODY_LENGTH = 17;
const ORG_CODE_OFFSET = 8;

/** 3^i mod 31 for the 17 positions before the check digit. */
const WEIGHTS = Int32Array.of(1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28);
/** Value of a character code in the 31-character alphabet; -1 for I O S V Z and all others. */
const CHARACTER_VALUES = buildCharacterValues();

const MARKET_ENTITY_KINDS: ReadonlyMap<string, MarketEntityKind> = new Map([
  ['1', 'ENTERPRISE'],
  ['2', 'INDIVIDUAL_BUSINESS'],
  ['3', 'FARMER_COOPERATIVE'],
  ['9', 'OTHER'],
]);

const NOTHING_TO_NORMALISE = /^[0-9A-Z]*$/;
const NO_PROBLEMS: readonly UsccProblem[] = Object.freeze([]);

function buildCharacterValues(): Int32Array {
  const values = new Int32Array(128).fill(-1);
  for (let value = 0; value < ALPHABET.length; value += 1) {
    values[ALPHABET.charCodeAt(value)] = value;
  }
  return values;
}

/** Positions 3-8 are decimal digits, all others any of the 31 characters (VR1). */
function isAllowedAt(position: number, value: number): boolean {
  return value >= 0 && (value <= 9 || position < 2 || position > 7);
}

/** Value (0-30) of the check digit for the first 17 characters; -1 when their format is wrong. */
function checkValueOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < BODY_LENGTH; i += 1) {
    const value = CHARACTER_VALUES[text.charCodeAt(i)] ?? -1;
    if (!isAllowedAt(i, value)) return -1;
    sum += value * (WEIGHTS[i] ?? 0);
  }
  return (MODULUS - (sum % MODULUS)) % MODULUS;
}

/** Code as the checks expect it: NFKC (full width to half width), trimmed, upper case (VR1). */
export function normaliseUscc(text: string): string {
  if (NOTHING_TO_NORMALISE.test(text)) return text;
  // Upper case can leave letters apart that NFKC composes: once more, so that the form is stable.
  return text.normalize('NFKC').trim().toUpperCase().normalize('NFKC');
}

/**
 * Check digit for the first 17 characters (VR2), for telling a sender what it should have been;
 * undefined when they are not 17 characters of the right format.
 */
export function usccCheckDigit(first17: string): string | undefined {
  if (first17.length !== BODY_LENGTH) return undefined;
  const value = checkValueOf(first17);
  return value < 0 ? undefined : ALPHABET[value];
}

/**
 * Problems of a code, strictly as given: lower case, full width and outer spaces are FORMAT, so
 * `normaliseUscc` comes first where the sender is to be forgiven. An empty result (shared, frozen)
 * means the code is good. With FORMAT only PLACEHOLDER may follow: the digits cannot be computed.
 */
export function checkUscc(code: string): readonly UsccProblem[] {
  const checkValue = code.length === CODE_LENGTH ? checkValueOf(code) : -1;
  const lastValue = CHARACTER_VALUES[code.charCodeAt(BODY_LENGTH)] ?? -1;
  if (checkValue < 0 || lastValue < 0) {
    return isPlaceholder(code) ? ['FORMAT', 'PLACEHOLDER'] : ['FORMAT'];
  }
  const orgCodeHolds = orgCodeHoldsAt(code, ORG_CODE_OFFSET);
  const placeholder = isPlaceholderCode(code);
  if (checkValue === lastValue && orgCodeHolds && !placeholder) return NO_PROBLEMS;
  const problems: UsccProblem[] = [];
  if (checkValue !== lastValue) problems.push('CHECK_DIGIT');
  if (!orgCodeHolds) problems.push('ORG_CODE');
  if (placeholder) problems.push('PLACEHOLDER');
  return problems;
}

/**
 * VR6 for a code of the right format: the same character 17 times, digits that count up, or an
 * organisation code of zeros. The check digit does not catch these all: 18 zeros satisfy VR2.
 */
function isPlaceholderCode(code: string): boolean {
  return (
    isRepeated(code, BODY_LENGTH) ||
    isAscending(code, BODY_LENGTH) ||
    code.startsWith('00000000', ORG_CODE_OFFSET)
  );
}

/**
 * Kind of market entity (VR4); undefined when another department issued the code, because the
 * second character then means something else, or when it names no kind.
 */
export function kindOf(code: string): MarketEntityKind | undefined {
  return code.charAt(0) === '9' ? MARKET_ENTITY_KINDS.get(code.charAt(1)) : undefined;
}

/**
 * Characters 3-8, the GB/T 2260 code of the place of *first* registration (VR5). Entities migrate:
 * it may support a warning, and never decides a route alone (D3).
 */
export function regionDigitsOf(code: string): string {
  return code.slice(2, 8);
}
