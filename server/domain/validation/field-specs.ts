import type { DescEnum } from '@bufbuild/protobuf';
import type { Bilingual } from '../errors.js';
import type { CodeSet, Facts } from './facts.js';

/** What every row of a field table says (R51). */
interface FieldBase<M> {
  /** Name in the contract, such as `ent_name`. */
  readonly name: string;
  readonly label: Bilingual;
  readonly required: boolean;
  /** Rule of the findings where it is nearer than the general one. */
  readonly rule: string | undefined;
  readonly appliesTo: ((message: M) => boolean) | undefined;
}

/** Free text: length, hygiene (VR27), personal numbers (VR28). */
export interface TextField<M> extends FieldBase<M> {
  readonly kind: 'text';
  readonly of: (message: M) => string;
  readonly max: number;
  readonly multiline: boolean;
  readonly personal: boolean;
  /** A number for which 无, - and the like are refused. */
  readonly isNumber: boolean;
}

/** A code: a shape and perhaps a list (VR10). */
export interface CodeField<M> extends FieldBase<M> {
  readonly kind: 'code';
  readonly of: (message: M) => string;
  readonly shape: CodeShape;
  readonly known: CodeTest | undefined;
  /** Of an unknown code: whether it may be right all the same. */
  readonly plausible: CodeTest | undefined;
}

/** What can be told of a code by the reference tables. */
export type CodeTest = (code: string, facts: Facts) => boolean;

/** A civil date (D12, VR8, VR9). */
export interface DateField<M> extends FieldBase<M> {
  readonly kind: 'date';
  readonly of: (message: M) => string;
  /** Not after today. */
  readonly past: boolean;
  /** The sentinels for "without end" may stand in it. */
  readonly isEnd: boolean;
}

/** A value of an enum; required, as zero means "not stated" (VR10). */
export interface ChoiceField<M> extends FieldBase<M> {
  readonly kind: 'choice';
  readonly of: (message: M) => number;
  readonly values: DescEnum;
}

/** One row of a field table. */
export type FieldSpec<M> = TextField<M> | CodeField<M> | DateField<M> | ChoiceField<M>;

/** How a code must look, with words for it. */
export interface CodeShape extends Bilingual {
  readonly pattern: RegExp;
}

export const TWO_DIGITS: CodeShape = { pattern: /^\d{2}$/, zh: '两位数字', en: 'two digits' };
export const THREE_DIGITS: CodeShape = { pattern: /^\d{3}$/, zh: '三位数字', en: 'three digits' };
export const FOUR_DIGITS: CodeShape = { pattern: /^\d{4}$/, zh: '四位数字', en: 'four digits' };
export const SIX_DIGITS: CodeShape = { pattern: /^\d{6}$/, zh: '六位数字', en: 'six digits' };
export const INDUSTRY: CodeShape = {
  pattern: /^\d{2,4}$/,
  zh: '二至四位数字',
  en: 'two to four digits',
};
export const SECTION: CodeShape = {
  pattern: /^[A-T]$/,
  zh: '一个大写字母(A至T)',
  en: 'one capital letter (A to T)',
};
export const LIST_VALUE: CodeShape = {
  pattern: /^[0-9A-Z]{1,2}$/,
  zh: '一至两位数字或大写字母',
  en: 'one or two digits or capital letters',
};
/** Codes of organisations: credit codes, codes of a province's own table, provisional codes. */
export const ORGANISATION: CodeShape = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z-]{0,17}$/,
  zh: '不超过18位的数字、字母或连字符',
  en: 'at most 18 digits, letters or hyphens',
};
export const ITEM_CODE: CodeShape = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$/,
  zh: '不超过32位的数字、字母、点或连字符',
  en: 'at most 32 digits, letters, dots or hyphens',
};
export const MESSAGE_REFERENCE: CodeShape = {
  pattern: /^[0-9A-Za-z-]{1,64}$/,
  zh: '消息编号(不超过64位)',
  en: 'a message id of at most 64 characters',
};

/** As the catalogue's own entries and releases are coded. */
export const SCOPE_CODE: CodeShape = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z._-]{0,9}$/,
  zh: '不超过10位的数字、字母、点、下划线或连字符',
  en: 'at most 10 digits, letters, dots, underscores or hyphens',
};
export const RELEASE_VERSION: CodeShape = {
  pattern: /^[0-9A-Za-z][0-9A-Za-z._-]{0,15}$/,
  zh: '不超过16位的数字、字母、点、下划线或连字符',
  en: 'at most 16 digits, letters, dots, underscores or hyphens',
};

/** Options that every kind of row takes. */
export interface FieldOptions<M> {
  readonly required?: boolean;
  readonly rule?: string;
  /** Checked only where this holds; unset: always. */
  readonly appliesTo?: (message: M) => boolean;
}

type Names = readonly [name: string, zh: string, en: string];

function base<M>([name, zh, en]: Names, options: FieldOptions<M>, rule?: string): FieldBase<M> {
  return {
    name,
    label: { zh: `${zh}(${name})`, en },
    required: options.required ?? false,
    rule: options.rule ?? rule,
    appliesTo: options.appliesTo,
  };
}

/** A row for free text of at most `max` characters. */
export function text<M>(
  names: Names,
  of: (message: M) => string,
  max: number,
  options: FieldOptions<M> & {
    readonly multiline?: boolean;
    readonly personal?: boolean;
    readonly isNumber?: boolean;
  } = {},
): TextField<M> {
  return {
    ...base(names, options),
    kind: 'text',
    of,
    max,
    multiline: options.multiline ?? false,
    personal: options.personal ?? true,
    isNumber: options.isNumber ?? false,
  };
}

/**
 * A row for a code of a shape and, with `known`, of a list. `plausible`: the list is not up to date, and what
 * it lacks is a warning where this holds.
 */
export function code<M>(
  names: Names,
  of: (message: M) => string,
  shape: CodeShape,
  options: FieldOptions<M> & { readonly known?: CodeTest; readonly plausible?: CodeTest } = {},
): CodeField<M> {
  const { known, plausible } = options;
  return { ...base(names, options, 'VR10'), kind: 'code', of, shape, known, plausible };
}

/** A row for a civil date. */
export function date<M>(
  names: Names,
  of: (message: M) => string,
  options: FieldOptions<M> & { readonly past?: boolean; readonly isEnd?: boolean } = {},
): DateField<M> {
  return {
    ...base(names, options, 'VR8'),
    kind: 'date',
    of,
    past: options.past ?? false,
    isEnd: options.isEnd ?? false,
  };
}

/** A row for an enum; zero and numbers outside the enum are findings. */
export function choice<M>(
  names: Names,
  of: (message: M) => number,
  values: DescEnum,
  options: FieldOptions<M> = { required: true },
): ChoiceField<M> {
  return { ...base(names, options, 'VR10'), kind: 'choice', of, values };
}

/** Membership of a code list, for `known`. */
export function inList(list: Parameters<Facts['codes']>[0]): CodeTest {
  return (value, facts): boolean => {
    const codes: CodeSet = facts.codes(list);
    return codes.has(value);
  };
}
