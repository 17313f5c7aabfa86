import type { DescEnum } from '@bufbuild/protobuf';
import type { Entry } from './entry.js';

/** What a field has in every form of it: Protobuf, table, standard. */
interface FieldBase {
  /** Name in the `.proto` file, which is also the name of the column. */
  readonly name: string;
  /** 中文名称, as the standard has it. */
  readonly term: string;
  /** Abbreviations of the standards (SAMR, 双公示); none where no standard has one. */
  readonly abbreviations: readonly string[];
}

/** Text, or with `many` a list of texts; `length` counts characters, of each text of a list. */
export interface TextField extends FieldBase {
  readonly type: 'text';
  readonly length: number;
  readonly many: boolean;
}

/** `date`: civil date; `instant`: UTC; `flag`: yes or no; `fen`: money in 分; `whole`: a number. */
export interface PlainField extends FieldBase {
  readonly type: 'date' | 'instant' | 'flag' | 'fen' | 'whole';
}

/** A value of an enum; in tables its name without the prefix, such as `VALID`, or its code in the code list. */
export interface ChoiceField extends FieldBase {
  readonly type: 'choice';
  readonly values: DescEnum;
}

/** Another message: with `many` a list of them, else one whose fields stand beside the others. */
export interface PartField extends FieldBase {
  readonly type: 'part';
  readonly of: Entry;
  readonly many: boolean;
}

/** A field of the dictionary. */
export type Field = TextField | PlainField | ChoiceField | PartField;

type Head = readonly [name: string, term: string];

function base([name, term]: Head, abbreviations: readonly string[]): FieldBase {
  return { name, term, abbreviations };
}

/** A text of at most `length` characters. */
export function text(...[name, term, length, ...abbr]: [...Head, number, ...string[]]): TextField {
  return { ...base([name, term], abbr), type: 'text', length, many: false };
}

/** A list of texts of at most `length` characters each. */
export function texts(...[name, term, length, ...abbr]: [...Head, number, ...string[]]): TextField {
  return { ...base([name, term], abbr), type: 'text', length, many: true };
}

function plain(type: PlainField['type']) {
  return (...[name, term, ...abbr]: [...Head, ...string[]]): PlainField => ({
    ...base([name, term], abbr),
    type,
  });
}

/** A civil date, `YYYY-MM-DD`. */
export const date = plain('date');
/** A moment. */
export const instant = plain('instant');
/** Yes or no. */
export const flag = plain('flag');
/** An amount in 分. */
export const fen = plain('fen');
/** A whole number. */
export const whole = plain('whole');

/** A value of an enum. */
export function choice(
  ...[name, term, values, ...abbr]: [...Head, DescEnum, ...string[]]
): ChoiceField {
  return { ...base([name, term], abbr), type: 'choice', values };
}

/** One message whose fields stand beside the others in a table. */
export function part(...[name, term, of]: [...Head, Entry]): PartField {
  return { ...base([name, term], []), type: 'part', of, many: false };
}

/** A list of messages. */
export function list(...[name, term, of]: [...Head, Entry]): PartField {
  return { ...base([name, term], []), type: 'part', of, many: true };
}
