import type { Bilingual } from '../errors.js';
import { findPersonalData } from '../identifiers/personal-data.js';
import { findTextProblems, type TextProblemKind } from '../identifiers/text-problems.js';
import { foldFullWidth } from '../identifiers/text.js';
import type { FindingCode } from './finding-texts.js';
import type { MessageFindings } from './message-findings.js';

const CODES: Readonly<Record<TextProblemKind, FindingCode>> = {
  CONTROL_CHARACTER: 'TEXT_CONTROL_CHARACTER',
  REPLACEMENT_CHARACTER: 'TEXT_REPLACEMENT_CHARACTER',
  MOJIBAKE: 'TEXT_MOJIBAKE',
  LONE_SURROGATE: 'TEXT_LONE_SURROGATE',
  HTML_TAG: 'TEXT_HTML_TAG',
  HTML_ENTITY: 'TEXT_HTML_ENTITY',
  EXCEL_ERROR: 'TEXT_EXCEL_ERROR',
  EXCEL_NUMBER: 'TEXT_EXCEL_NUMBER',
  EXCEL_APOSTROPHE: 'TEXT_EXCEL_APOSTROPHE',
  BIDI_CONTROL: 'TEXT_BIDI_CONTROL',
  INVISIBLE_CHARACTER: 'TEXT_INVISIBLE_CHARACTER',
};

const ONE_LINE = { multiline: false };
const SEVERAL_LINES = { multiline: true };

/** How a text field is looked at. */
export interface HygieneOptions {
  /** Tab and line breaks may stand in it. */
  readonly multiline: boolean;
  /** Citizen and phone numbers in it are reported (VR28); off for a phone number field. */
  readonly personal: boolean;
}

/** VR27 and VR28 for one text. Findings tell positions, never the text. */
export function checkHygiene(
  text: string,
  field: string,
  label: Bilingual,
  options: HygieneOptions,
  found: MessageFindings,
): void {
  for (const problem of findTextProblems(text, options.multiline ? SEVERAL_LINES : ONE_LINE)) {
    found.add(CODES[problem.kind], field, { label, position: problem.index + 1 });
  }
  if (foldFullWidth(text) !== text) found.add('TEXT_FULL_WIDTH', field, { label });
  if (options.personal) reportPersonalData(text, field, label, found);
}

/** The first citizen number and the first phone number; one hint per kind is enough to mend. */
function reportPersonalData(
  text: string,
  field: string,
  label: Bilingual,
  found: MessageFindings,
): void {
  const numbers = findPersonalData(text);
  if (numbers.length === 0) return;
  const citizen = numbers.find((number) => number.kind !== 'MOBILE_PHONE');
  const phone = numbers.find((number) => number.kind === 'MOBILE_PHONE');
  if (citizen) found.add('PERSONAL_ID_NUMBER', field, { label, position: citizen.start + 1 });
  if (phone) found.add('PERSONAL_PHONE_NUMBER', field, { label, position: phone.start + 1 });
}
