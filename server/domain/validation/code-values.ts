import type { Bilingual } from '../errors.js';
import type { ValidationContext } from './context.js';
import { PROVISIONAL_LISTS, type ValidatedCodeList } from './facts.js';
import { LIST_VALUE } from './field-specs.js';
import type { MessageFindings } from './message-findings.js';

/** Longest list of codes; the lists themselves are shorter. */
const MAX_VALUES = 50;

/** A repeated field of codes. */
export interface CodeValues {
  readonly field: string;
  readonly label: Bilingual;
  readonly required: boolean;
  readonly list: ValidatedCodeList;
}

/** VR10 for every value of a repeated code field; repeated values are a warning. */
export function checkCodeValues(
  values: readonly string[],
  { field, label, required, list }: CodeValues,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const { length } = values;
  if (length === 0 && required) found.add('REQUIRED', field, { label }, 'VR26');
  if (length > MAX_VALUES) found.add('TOO_MANY', field, { label, length, max: MAX_VALUES });
  const codes = context.facts.codes(list);
  values.slice(0, MAX_VALUES).forEach((value, i) => {
    if (!codes.has(value)) {
      const mayBeRight = PROVISIONAL_LISTS.has(list) && LIST_VALUE.pattern.test(value);
      const code = mayBeRight ? 'CODE_NOT_LISTED' : 'CODE_UNKNOWN';
      found.add(code, `${field}[${i}]`, { label, value });
    }
    if (values.indexOf(value) < i) found.add('CODE_DUPLICATE', `${field}[${i}]`, { value });
  });
}
