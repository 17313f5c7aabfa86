import { isServerAway } from './sql-state.js';

/** The connection is refused, lost or can't be made. */
const SOCKET =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** What drivers say without a code. */
const WORDS = /Connection terminated|Timeout acquiring|not queryable|Unable to acquire|aborted/i;

/**
 * Whether the database is away, going or not to be written to ({@link isServerAway}): also socket
 * errors and an exhausted pool. It passes, and trying again later makes sense.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return isServerAway(error) || SOCKET.test(code) || WORDS.test(error.message);
}
