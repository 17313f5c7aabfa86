import { COUNTERPART, ENVELOPE } from './common.js';
import type { Entry } from './entry.js';
import { FILING, INSPECTION, LICENCE, LICENCE_CHANGE, PENALTY, RECORD } from './records.js';
import { CANCELLATION, PERMIT_ITEM, REGISTRATION, REGISTRATION_CHANGE } from './registration.js';

/**
 * 数据项字典 (R42, R51): every field of the five classes once, with its name in Protobuf and in
 * tables, its Chinese term, abbreviations, type and length. The tables of the libraries are made
 * from it; a test holds it against the contract, its comments, the validator and the tables.
 */
export const DICTIONARY: readonly Entry[] = Object.freeze([
  ENVELOPE,
  REGISTRATION,
  PERMIT_ITEM,
  REGISTRATION_CHANGE,
  CANCELLATION,
  RECORD,
  COUNTERPART,
  LICENCE,
  LICENCE_CHANGE,
  FILING,
  INSPECTION,
  PENALTY,
]);
