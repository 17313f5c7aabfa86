import { isPlaceholder } from '../identifiers/placeholder.js';
import { isRegistrationNumber } from '../identifiers/registration-number.js';
import {
  checkUscc,
  kindOf,
  normaliseUscc,
  regionDigitsOf,
  usccCheckDigit,
  type UsccProblem,
} from '../identifiers/uscc.js';
import { NATIONAL_NODE, type ValidationContext } from './context.js';
import { isBlank } from './field-checks.js';
import type { MessageFindings } from './message-findings.js';

const USCC_LABEL = {
  zh: '统一社会信用代码(uscc)',
  en: 'unified social credit code',
};

/** Longer text is no code with a few blanks around it; bounds the cost of normalising. */
const MAX_RAW_CODE = 40;
const FIFTEEN_DIGITS = /^\d{15}$/;

/** Whether VR3 refuses; a relayed message is never refused for it. */
type Strictness = Pick<ValidationContext, 'strictOrgCode'>;

/**
 * VR1, VR2, VR3 and VR6 for a unified social credit code. Answers the code in its proper form, or
 * undefined when it can't be used as an identity.
 */
export function checkUsccField(
  code: string,
  field: string,
  strictness: Strictness,
  found: MessageFindings,
): string | undefined {
  const proper = code.length > MAX_RAW_CODE ? code : properForm(code);
  const problems = checkUscc(proper);
  if (proper !== code && !problems.includes('FORMAT')) found.add('USCC_NOT_NORMALISED', field);
  for (const problem of problems) reportProblem(problem, proper, field, strictness, found);
  return problems.length === 0 || problems.every((problem) => problem === 'ORG_CODE')
    ? proper
    : undefined;
}

/** Reports a missing code as VR1; answers whether there is one. */
export function requireUscc(code: string, field: string, found: MessageFindings): boolean {
  if (!isBlank(code)) return true;
  found.add('REQUIRED', field, { label: USCC_LABEL }, 'VR1');
  return false;
}

function properForm(code: string): string {
  return checkUscc(code).includes('FORMAT') ? normaliseUscc(code) : code;
}

function reportProblem(
  problem: UsccProblem,
  code: string,
  field: string,
  strictness: Strictness,
  found: MessageFindings,
): void {
  switch (problem) {
    case 'FORMAT':
      return found.add('USCC_FORMAT', field);
    case 'CHECK_DIGIT':
      return found.add('USCC_CHECK_DIGIT', field, {
        expected: usccCheckDigit(code.slice(0, 17)) ?? '',
      });
    case 'ORG_CODE':
      return found.add(strictness.strictOrgCode ? 'USCC_ORG_CODE_STRICT' : 'USCC_ORG_CODE', field);
    case 'PLACEHOLDER':
      return found.add('USCC_PLACEHOLDER', field);
  }
}

/** VR4: what registers here was registered by market regulation. */
export function checkRegistrationDepartment(
  code: string,
  field: string,
  found: MessageFindings,
): void {
  if (!code.startsWith('9')) found.add('USCC_NOT_MARKET_REGULATION', field);
  else if (kindOf(code) === undefined) found.add('USCC_ENTITY_KIND', field);
}

/** VR5: the place of first registration against the registration authority; a hint only (D3). */
export function checkRegionDigits(
  code: string,
  regOrg: string,
  field: string,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const digits = regionDigitsOf(code);
  if (digits === NATIONAL_NODE) return;
  const province = context.facts.provinceOf(digits);
  const authority = regOrg === NATIONAL_NODE ? undefined : context.facts.nodeOfRegOrg(regOrg);
  if (province === undefined) found.add('USCC_REGION_UNKNOWN', field);
  else if (authority !== undefined && authority !== province) {
    found.add('MIGRATED_OR_MISMATCH', field);
  }
}

/**
 * The old registration number (VR6, VR25). A placeholder is refused where the number is the only
 * identity, which `isIdentity` says; otherwise it is only of the wrong form.
 */
export function checkRegNo(
  regNo: string,
  field: string,
  isIdentity: boolean,
  found: MessageFindings,
): void {
  if (isBlank(regNo)) return;
  if (isIdentity && isPlaceholder(regNo)) found.add('REG_NO_PLACEHOLDER', field);
  else if (!FIFTEEN_DIGITS.test(regNo)) found.add('REG_NO_FORMAT', field);
  else if (!isRegistrationNumber(regNo)) found.add('REG_NO_CHECK_DIGIT', field);
}
