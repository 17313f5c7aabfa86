/**
 * Personal data in free text (VR28): citizen identity numbers 公民身份号码 and mobile numbers, found
 * and masked before publicity. Findings hold positions only, so that no log repeats the number.
 * Foreigners' permits, passports and landlines are not recognised.
 */
import { isCivilDate } from './civil-date.js';
import { foldFullWidth } from './text.js';

/** CITIZEN_ID: 18 characters. CITIZEN_ID_OLD: 15 digits, issued before 1999. */
export type PersonalDataKind = 'CITIZEN_ID' | 'CITIZEN_ID_OLD' | 'MOBILE_PHONE';

/** One number in a text, from `start` up to but not including `end` (UTF-16 units). */
export interface PersonalDataFinding {
  readonly kind: PersonalDataKind;
  readonly start: number;
  readonly end: number;
}

/** First two digits of a citizen number: GB/T 2260, and 81-83 of residence permits. */
const PROVINCE = '(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])';
const NOT_AFTER_DIGIT = '(?<![0-9])';
const NOT_BEFORE_DIGIT = '(?![0-9])';

/** Eighteen characters, also in the groups 6-8-4 people type them in. */
const CITIZEN_ID = new RegExp(
  `${NOT_AFTER_DIGIT}${PROVINCE}\\d{4}[ -]?(?:18|19|20)\\d{6}[ -]?\\d{3}[0-9Xx]${NOT_BEFORE_DIGIT}`,
  'g',
);
const CITIZEN_ID_SHAPE = new RegExp(`^${PROVINCE}\\d{15}[0-9Xx]$`);
const CITIZEN_ID_OLD = new RegExp(`${NOT_AFTER_DIGIT}${PROVINCE}\\d{13}${NOT_BEFORE_DIGIT}`, 'g');
const MOBILE_PHONE =
  /(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:\d{8}|([ -])\d{4}\1\d{4})(?![0-9A-Za-z])/g;

/** What must stand shortly before 15 digits: they have no check digit, and 注册号 look the same. */
const IDENTITY_LABEL = /(?:身份|证件|居民证|[Ii][Dd])[^0-9]{0,10}$/;
/** What makes eleven digits the number of a document. */
const DOCUMENT_LABEL =
  /(?:[证文编案单书函票批][ \t]?号[码]?|注册号|备案号|第|字)[ \t]*[:：]?[ \t]*$/;
const LABEL_LENGTH = 16;

/** In every such number stand four digits and, behind a separator at most, four more; in a date not. */
const EIGHT_DIGITS = /[0-9\uFF10-\uFF19]{4}[ \u3000\-\uFF0D]?[0-9\uFF10-\uFF19]{4}/;
const CHECK_CHARACTERS = '10X98765432';

const NO_FINDINGS: readonly PersonalDataFinding[] = Object.freeze([]);

/**
 * Whether the text is an 18-character citizen number: province, real birth date (1800-2099) and
 * check character (GB 11643, MOD 11-2) are right. `x` may be lower case.
 */
export function isCitizenId(text: string): boolean {
  if (!CITIZEN_ID_SHAPE.test(text)) return false;
  if (!isBirthDate(text.slice(6, 10), text.slice(10, 12), text.slice(12, 14))) return false;
  let product = 0;
  for (let i = 0; i < 17; i += 1) product = ((product + text.charCodeAt(i) - 48) * 2) % 11;
  return CHECK_CHARACTERS[product] === text.charAt(17).toUpperCase();
}

function isBirthDate(year: string, month: string, day: string): boolean {
  return year < '2100' && isCivilDate(`${year}-${month}-${day}`);
}

/**
 * Citizen and mobile numbers in a text (VR28), in order; an empty result (shared, frozen) means
 * none. Credit codes and licence numbers stay out by province, date and check digit. The rare
 * number that satisfies both standards counts as a person's, the error that does less harm. Fifteen
 * digits count only behind a label such as 身份证, eleven not behind one such as 许可证号.
 */
export function findPersonalData(text: string): readonly PersonalDataFinding[] {
  if (!EIGHT_DIGITS.test(text)) return NO_FINDINGS;
  // Folding keeps positions, so what is found in the folded text can be cut from the original.
  const folded = foldFullWidth(text);
  const findings = [
    ...collect(folded, 'CITIZEN_ID', CITIZEN_ID, (hit) => isCitizenId(hit.replace(/[ -]/g, ''))),
    ...collect(folded, 'CITIZEN_ID_OLD', CITIZEN_ID_OLD, isOldCitizenId),
    ...collect(folded, 'MOBILE_PHONE', MOBILE_PHONE, (_, before) => !DOCUMENT_LABEL.test(before)),
  ];
  if (findings.length === 0) return NO_FINDINGS;
  return findings.sort((a, b) => a.start - b.start);
}

function isOldCitizenId(digits: string, before: string): boolean {
  const hasDate = isBirthDate(`19${digits.slice(6, 8)}`, digits.slice(8, 10), digits.slice(10, 12));
  return hasDate && IDENTITY_LABEL.test(before);
}

function collect(
  text: string,
  kind: PersonalDataKind,
  pattern: RegExp,
  accept: (hit: string, before: string) => boolean,
): PersonalDataFinding[] {
  const findings: PersonalDataFinding[] = [];
  for (const match of text.matchAll(pattern)) {
    const start = match.index;
    const before = text.slice(Math.max(0, start - LABEL_LENGTH), start);
    if (accept(match[0], before)) findings.push({ kind, start, end: start + match[0].length });
  }
  return findings;
}

/**
 * Text with every number that `findPersonalData` finds masked by `*`, of the same length (VR28).
 * Of a citizen number the first three characters stay (province and half of the prefecture): birth
 * date, sequence and also the check character go, because that one narrows the others down. Of a
 * mobile number the middle four digits of eleven go, as is usual: 138****5678.
 */
export function maskPersonalData(text: string): string {
  let masked = '';
  let position = 0;
  for (const finding of findPersonalData(text)) {
    masked += text.slice(position, finding.start);
    masked += maskNumber(text.slice(finding.start, finding.end), finding.kind);
    position = finding.end;
  }
  return masked + text.slice(position);
}

function maskNumber(number: string, kind: PersonalDataKind): string {
  if (kind !== 'MOBILE_PHONE') return number.slice(0, 3) + '*'.repeat(number.length - 3);
  // From the end: four digits stay, four go; a separator may stand between the two.
  return number.replace(/\p{Nd}{4}([ \u3000-]?\p{Nd}{4})$/u, '****$1');
}
