import { tellsOfLatePublication } from './record/late-publication.js';
import { FINDING_TEXTS } from './validation/finding-texts.js';

/** The seven words of the national clean-up of enterprise data, in which quality is reported. */
export type QualityDimension =
  | 'completeness'
  | 'conformity'
  | 'redundancy'
  | 'relation'
  | 'accuracy'
  | 'timeliness'
  | 'coverage';

/**
 * Which word a rule is about. The texts of the clean-up define the words in general; that a rule
 * belongs to one of them is the hub's own reading.
 */
const dimensionOfRule: Readonly<Record<string, QualityDimension>> = {
  R1: 'coverage',
  R19: 'conformity',
  R21: 'relation',
  R23: 'relation',
  R24: 'coverage',
  R43: 'accuracy',
  R51: 'conformity',
  R55: 'completeness',
  VR1: 'conformity',
  VR2: 'accuracy',
  VR3: 'accuracy',
  VR4: 'conformity',
  VR5: 'accuracy',
  VR6: 'accuracy',
  VR7: 'relation',
  VR8: 'accuracy',
  VR9: 'conformity',
  VR10: 'conformity',
  VR11: 'relation',
  VR12: 'relation',
  VR13: 'relation',
  VR14: 'coverage',
  VR15: 'relation',
  VR16: 'redundancy',
  VR17: 'relation',
  VR18: 'accuracy',
  VR19: 'accuracy',
  VR21: 'redundancy',
  VR22: 'relation',
  VR23: 'relation',
  VR25: 'relation',
  VR26: 'accuracy',
  VR27: 'conformity',
  VR28: 'conformity',
  VR30: 'accuracy',
  VR31: 'timeliness',
};

/** Findings that say more than their rule: what is missing, there twice, or refers to something else. */
const dimensionOfCode: readonly (readonly [pattern: RegExp, dimension: QualityDimension])[] = [
  [/REQUIRED$|_MISSING$|^NON_PUBLIC_WITHOUT_BASIS$|^DELETE_WITHOUT_REASON$/, 'completeness'],
  [/DUPLICATE|^EXTRA_DATA/, 'redundancy'],
  [/^SOURCE_TIME/, 'timeliness'],
  [/^FILING_EVENT/, 'relation'],
];

/** The word a finding is about; undefined for a rule that the table does not know. */
export function dimensionOf(finding: {
  readonly rule: string;
  readonly code: string;
}): QualityDimension | undefined {
  // A permit item that is missing means a department that is not told: coverage, not completeness.
  if (finding.rule === 'VR14') return 'coverage';
  const special = dimensionOfCode.find(([pattern]) => pattern.test(finding.code));
  return special?.[1] ?? dimensionOfRule[finding.rule];
}

/** Findings that need what is held, and are therefore not in the validator's own list. */
const stateFindings: Readonly<Record<string, string>> = {
  ENTITY_NOT_FOUND: 'VR17',
  ENTITY_MOVED_AWAY: 'VR17',
  DUPLICATE_ENTERPRISE: 'VR16',
  ENTITY_CANCELLED: 'VR18',
  CANCELLED_BEFORE_LATER_EVENT: 'VR18',
  BEFORE_VALUE_MISMATCH: 'VR19',
  LATER_EVENT_HELD: 'VR8',
};

/** Every code of a finding about a sender's message with its word, as a table to count by. */
export function qualityTable(): { readonly code: string; readonly dimension: QualityDimension }[] {
  const rules = new Map(Object.entries(stateFindings));
  for (const [code, { rule }] of Object.entries(FINDING_TEXTS)) rules.set(code, rule);
  return [...rules].flatMap(([code, rule]) => {
    if (tellsOfLatePublication({ code })) return [];
    const dimension = dimensionOf({ code, rule });
    return dimension ? [{ code, dimension }] : [];
  });
}
