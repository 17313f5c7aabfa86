import type { Bilingual } from '../errors.js';

/**
 * One kind of finding. `{name}` in a sentence is filled in when it is found. `rule` is the id of
 * the validation rule, or of the requirement where no validation rule exists; a field may name a
 * nearer one when the finding is of a general kind.
 */
export interface FindingText extends Bilingual {
  readonly rule: string;
  readonly severity: 'ERROR' | 'WARNING';
}

/** An error of a rule: the message is refused. */
export function error(rule: string, zh: string, en: string): FindingText {
  return { rule, severity: 'ERROR', zh, en };
}

/** A warning of a rule: the message is accepted and the finding is kept with it. */
export function warning(rule: string, zh: string, en: string): FindingText {
  return { rule, severity: 'WARNING', zh, en };
}
