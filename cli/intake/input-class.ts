import { columnsOf, type Column } from '../../server/dictionary/columns.js';
import { RECORD } from '../../server/dictionary/records.js';
import { REGISTRATION } from '../../server/dictionary/registration.js';

/** What the rows of a file are. */
export interface InputClass {
  readonly name: 'registration' | RecordName;
  readonly zh: string;
  /** Columns of the field dictionary that a row may have (R42). */
  readonly columns: readonly Column[];
  /** Column that is the business key when a row states none. */
  readonly keyColumn: string;
  /** Column that names the sender when neither the row nor the command does. */
  readonly senderColumn?: string;
}

/** The four classes of record, as the field of the message. */
export type RecordName = 'licence' | 'filing' | 'inspection' | 'penalty';

/** Registrations: the number that an enterprise keeps in its province is the key. */
export const REGISTRATIONS: InputClass = {
  name: 'registration',
  zh: '登记',
  columns: columnsOf(REGISTRATION),
  keyColumn: 'pripid',
};

const NAMES: readonly RecordName[] = ['licence', 'filing', 'inspection', 'penalty'];

function recordClass(
  name: RecordName,
  zh: string,
  [keyColumn, senderColumn]: readonly [string, string],
): InputClass {
  const others = new Set(NAMES.filter((one) => one !== name));
  return { name, zh, columns: columnsOf(RECORD, others), keyColumn, senderColumn };
}

/** The four classes of record. */
export const RECORD_CLASSES: readonly InputClass[] = [
  recordClass('licence', '许可', ['lic_id', 'lic_authority_code']),
  recordClass('filing', '备案', ['filing_id', 'filing_authority_code']),
  recordClass('inspection', '检查', ['insp_id', 'insp_authority_code']),
  recordClass('penalty', '处罚', ['case_id', 'authority_code']),
];
