import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import type { ValidationContext } from '../../../../server/domain/validation/context.js';
import type { FindingCode } from '../../../../server/domain/validation/finding-texts.js';
import {
  validatePublicityChange,
  validateRecord,
  validateRegistration,
} from '../../../../server/domain/validation/validator.js';
import {
  validCancellation,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../../../support/builders.js';
import { zhejiangContext } from '../../../support/validation-context.js';

/** One finding, a message that makes it and one close by that does not. */
export interface FindingCase {
  /** What is refused or reported, begun with the id of the rule or requirement. */
  readonly title: string;
  readonly code: FindingCode;
  readonly field: string;
  readonly bad: () => readonly Finding[];
  readonly good: () => readonly Finding[];
}

type ContextChange = Partial<ValidationContext>;

/** Findings of `validRegistration` with changes. */
export function registration(
  init: Parameters<typeof validRegistration>[0] = {},
  options: Parameters<typeof validRegistration>[1] = {},
  context: ContextChange = {},
): Finding[] {
  return validateRegistration(validRegistration(init, options), zhejiangContext(context));
}

/** Findings of `validChange` with changes. */
export function change(init: Parameters<typeof validChange>[0] = {}): Finding[] {
  return validateRegistration(validChange(init), zhejiangContext());
}

/** Findings of `validCancellation` with changes. */
export function cancellation(
  init: Parameters<typeof validCancellation>[0] = {},
  context: ContextChange = {},
): Finding[] {
  return validateRegistration(validCancellation(init), zhejiangContext(context));
}

/** Findings of `validLicence` with changes. */
export function licence(
  init: Parameters<typeof validLicence>[0] = {},
  options: Parameters<typeof validLicence>[1] = {},
  context: ContextChange = {},
): Finding[] {
  return validateRecord(validLicence(init, options), zhejiangContext(context));
}

/** Findings of `validFiling` with changes. */
export function filing(init: Parameters<typeof validFiling>[0] = {}): Finding[] {
  return validateRecord(validFiling(init), zhejiangContext());
}

/** Findings of `validInspection` with changes. */
export function inspection(init: Parameters<typeof validInspection>[0] = {}): Finding[] {
  return validateRecord(validInspection(init), zhejiangContext());
}

/** Findings of `validPenalty` with changes. */
export function penalty(init: Parameters<typeof validPenalty>[0] = {}): Finding[] {
  return validateRecord(validPenalty(init), zhejiangContext());
}

/** Findings of `validPublicityChange` with changes. */
export function publicityChange(
  init: Parameters<typeof validPublicityChange>[0] = {},
  options: Parameters<typeof validPublicityChange>[1] = {},
): Finding[] {
  return validatePublicityChange(validPublicityChange(init, options), zhejiangContext());
}
