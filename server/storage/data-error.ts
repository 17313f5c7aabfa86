/** A value that no column of its kind can hold, found before it was sent. */
export class DataError extends Error {}

/**
 * Whether a value was refused that no column of its kind can hold (PostgreSQL's class 22), such as a
 * text with NUL or a number past its type: the fault of whoever sent it, and sending it again is no
 * use.
 */
export function isDataError(error: unknown): boolean {
  if (error instanceof DataError) return true;
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^22[0-9A-Z]{3}$/.test(error.code)
  );
}
