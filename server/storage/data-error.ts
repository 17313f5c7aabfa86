import { isUnstorableValue } from './sql-state.js';

/** A value that no column of its kind can hold, found before it was sent. */
export class DataError extends Error {}

/**
 * Whether a value was refused that no column of its kind can hold (PostgreSQL's class 22), such as a
 * text with NUL or a number past its type: the fault of whoever sent it, and sending it again is no
 * use.
 */
export function isDataError(error: unknown): boolean {
  return error instanceof DataError || isUnstorableValue(error);
}
