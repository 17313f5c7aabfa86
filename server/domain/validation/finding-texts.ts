import type { FindingText } from './finding-text.js';
import { ENVELOPE_TEXTS, IDENTITY_TEXTS } from './texts/envelope-texts.js';
import { FIELD_TEXTS, HYGIENE_TEXTS } from './texts/field-texts.js';
import { RECORD_TEXTS } from './texts/record-texts.js';
import { FREE_TRADE_ZONE_TEXTS, REGISTRATION_TEXTS } from './texts/registration-texts.js';
import { SCOPE_TEXTS } from './texts/scope-texts.js';

/** Every finding the validator can make, by its stable code. The documentation is made from it. */
export const FINDING_TEXTS = Object.freeze({
  ...FIELD_TEXTS,
  ...HYGIENE_TEXTS,
  ...ENVELOPE_TEXTS,
  ...IDENTITY_TEXTS,
  ...REGISTRATION_TEXTS,
  ...FREE_TRADE_ZONE_TEXTS,
  ...SCOPE_TEXTS,
  ...RECORD_TEXTS,
});

/** Stable name of a kind of finding, such as `USCC_CHECK_DIGIT`. */
export type FindingCode = keyof typeof FINDING_TEXTS;

/** Rule, severity and sentences of a code. */
export function findingText(code: FindingCode): FindingText {
  return FINDING_TEXTS[code];
}
