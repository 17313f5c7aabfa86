import { isCivilDate, normaliseSentinel } from '../identifiers/civil-date.js';
import { isPlaceholder } from '../identifiers/placeholder.js';
import { charLength, showsNothing } from '../identifiers/text.js';
import type { Check } from './context.js';
import type { ChoiceField, CodeField, DateField, FieldSpec, TextField } from './field-specs.js';
import { checkHygiene } from './text-hygiene.js';

/** Turns a field table into one check; done once per table, so that a call builds nothing. */
export function compileFields<M>(specs: readonly FieldSpec<M>[]): Check<M> {
  return inSequence(specs.map(compileField));
}

/** One check that runs several. */
export function inSequence<M>(checks: readonly Check<M>[]): Check<M> {
  return (message, at, context, found) => {
    for (const check of checks) check(message, at, context, found);
  };
}

function compileField<M>(spec: FieldSpec<M>): Check<M> {
  const check = compileKind(spec);
  const { appliesTo } = spec;
  if (!appliesTo) return check;
  return (message, at, context, found) => {
    if (appliesTo(message)) check(message, at, context, found);
  };
}

function compileKind<M>(spec: FieldSpec<M>): Check<M> {
  switch (spec.kind) {
    case 'text':
      return compileText(spec);
    case 'code':
      return compileCode(spec);
    case 'date':
      return compileDate(spec);
    case 'choice':
      return compileChoice(spec);
  }
}

function compileText<M>(spec: TextField<M>): Check<M> {
  const { label, name, max, rule } = spec;
  return (message, at, _context, found) => {
    const value = spec.of(message);
    if (spec.required && showsNothing(value)) found.add('REQUIRED', at + name, { label }, rule);
    if (isBlank(value)) return;
    const length = value.length > max ? charLength(value) : 0;
    // A text far too long is not searched: it bounds the time a hostile message can take.
    if (length > max) found.add('TOO_LONG', at + name, { label, length, max }, rule);
    if (length > 2 * max) return;
    if (spec.isNumber && isPlaceholder(value))
      found.add('NUMBER_PLACEHOLDER', at + name, { label });
    checkHygiene(value, at + name, label, spec, found);
  };
}

function compileCode<M>(spec: CodeField<M>): Check<M> {
  const { label, name, rule, shape, known, plausible } = spec;
  return (message, at, context, found) => {
    const value = spec.of(message);
    if (isBlank(value)) {
      if (spec.required) found.add('REQUIRED', at + name, { label }, rule);
    } else if (!shape.pattern.test(value)) {
      found.add('CODE_FORMAT', at + name, { label, value, shape }, rule);
    } else if (known && !known(value, context.facts)) {
      const code = plausible?.(value, context.facts) ? 'CODE_NOT_LISTED' : 'CODE_UNKNOWN';
      found.add(code, at + name, { label, value }, rule);
    }
  };
}

function compileDate<M>(spec: DateField<M>): Check<M> {
  const { label, name, rule } = spec;
  return (message, at, context, found) => {
    const value = spec.of(message);
    const field = at + name;
    if (isBlank(value)) {
      if (spec.required) found.add('REQUIRED', field, { label }, rule);
    } else if (normaliseSentinel(value).date === undefined) {
      const longTerm = spec.isEnd && normaliseSentinel(value).longTerm;
      const defaulted = spec.required ? 'DATE_PLACEHOLDER' : 'DATE_PLACEHOLDER_IGNORED';
      found.add(longTerm ? 'LONG_TERM_SENTINEL' : defaulted, field, { label, value });
    } else if (!isCivilDate(value)) {
      found.add('DATE_FORMAT', field, { label, value }, rule);
    } else if (spec.past && value > context.today) {
      found.add('DATE_IN_FUTURE', field, { label, value, today: context.today }, rule);
    }
  };
}

function compileChoice<M>(spec: ChoiceField<M>): Check<M> {
  const { label, name, rule, values } = spec;
  return (message, at, _context, found) => {
    const value = spec.of(message);
    if (value === 0) {
      if (spec.required) found.add('REQUIRED', at + name, { label }, rule);
    } else if (values.value[value] === undefined) {
      found.add('CODE_UNKNOWN', at + name, { label, value }, rule);
    }
  };
}

/** Whether a text holds nothing but white space. */
export function isBlank(text: string): boolean {
  return text === '' || text.trim() === '';
}

/** The date a field really holds; undefined when it is empty, a sentinel or no date (VR9). */
export function realDate(text: string): string | undefined {
  return isCivilDate(text) ? normaliseSentinel(text).date : undefined;
}

/** Whether both are real dates and the second is before the first (VR8). */
export function isBefore(later: string, earlier: string): boolean {
  const end = realDate(later);
  const start = realDate(earlier);
  return end !== undefined && start !== undefined && end < start;
}
