import type { DescEnum } from '@bufbuild/protobuf';
import type { CodeListName } from '../reference/code-lists.js';

/** What the codes of a list in `reference/code-lists.csv` are called in the contract. */
export interface ChoiceCodes {
  readonly list: CodeListName;
  /** Code of the list, as it is written there, to the name of the value without its prefix. */
  readonly names: ReadonlyMap<string, string>;
}

function codes(list: CodeListName, names: Readonly<Record<string, string>>): ChoiceCodes {
  return { list, names: new Map(Object.entries(names)) };
}

/**
 * Digits in a table mean what the code list says, never the number that Protobuf gave the value: the
 * lists are what the standards and their writers know. A test holds them against the lists.
 */
const CODES: Readonly<Record<string, ChoiceCodes>> = {
  'zhengzhao.v1.EventType': codes('event_type', { 1: 'ESTABLISH', 2: 'CHANGE', 3: 'CANCEL' }),
  'zhengzhao.v1.CancelKind': codes('cancel_kind', { 1: 'ORDINARY', 2: 'SIMPLIFIED' }),
  // The contract has one value for what 双公示 tells apart as 法人 and 非法人组织.
  'zhengzhao.v1.CounterpartType': codes('counterpart_type', {
    '01': 'NATURAL_PERSON',
    '02': 'ORGANISATION',
    '03': 'ORGANISATION',
    '04': 'INDIVIDUAL_BUSINESS',
  }),
  'zhengzhao.v1.LicenceCategory': codes('licence_category', {
    '01': 'ORDINARY',
    '02': 'FRANCHISE',
    '03': 'RECOGNITION',
    '04': 'APPROVAL',
    '05': 'REGISTRATION',
    '06': 'OTHER',
  }),
  'zhengzhao.v1.LicenceState': codes('licence_state', { 1: 'VALID', 2: 'INVALID' }),
  'zhengzhao.v1.LicenceEndKind': codes('end_kind', {
    1: 'CHANGED',
    2: 'CANCELLED',
    3: 'REVOKED',
    4: 'ANNULLED',
    9: 'OTHER',
  }),
  'zhengzhao.v1.PenaltyState': codes('penalty_state', {
    1: 'CHANGED',
    2: 'ANNULLED',
    3: 'RECONSIDERED',
    4: 'LITIGATED',
  }),
};

/** The codes of an enum; undefined when no list has any for it. */
export function codesOf(values: DescEnum): ChoiceCodes | undefined {
  return CODES[values.typeName];
}

/**
 * Number of the value that a code of the list names, with or without a leading zero (VR10);
 * undefined when the list has no such code.
 */
export function numberOfCode(values: DescEnum, code: string): number | undefined {
  const wanted = Number(code);
  for (const [listed, name] of codesOf(values)?.names ?? [])
    if (Number(listed) === wanted)
      return values.values.find(({ localName }) => localName === name)?.number;
  return undefined;
}

/** What may be written into a column, for its comment: `VALID=1, INVALID=2`. */
export function choicesText(values: DescEnum): string {
  const listed = [...(codesOf(values)?.names ?? [])];
  return values.values
    .filter(({ number }) => number !== 0)
    .map(({ localName }) => {
      const codes = listed.filter(([, name]) => name === localName).map(([code]) => code);
      return codes.length === 0 ? localName : `${localName}=${codes.join('/')}`;
    })
    .join(', ');
}
