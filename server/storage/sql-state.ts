/** SQLSTATE of what PostgreSQL refused, such as `40001`; empty for every other error. */
export function sqlStateOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : '';
}

/**
 * The server is away, going, full or for now only to be read: class 08 (connection), 53 (too many
 * connections, no disk or memory left), 57 (shut down, starting, cancelled), and 25006, which is what
 * a primary says that became a standby, or that was closed to writers before its disk ran full.
 */
export function isServerAway(error: unknown): boolean {
  return /^(08|53|57)|^25006$/.test(sqlStateOf(error));
}

/** The server starts up or recovers after a crash, and takes no connections yet. */
export function isServerStarting(error: unknown): boolean {
  return sqlStateOf(error) === '57P03';
}

/** A lock was not given in the time that was set for it. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '55P03';
}

/**
 * Transactions were in each other's way: serialization failure, deadlock, lock timeout. The same
 * transaction tried again may pass.
 */
export function isCollision(error: unknown): boolean {
  return /^40(001|P01)$/.test(sqlStateOf(error)) || isLockTimeout(error);
}

/** A statement came behind one that failed, in the same transaction. */
export function isBehindFailure(error: unknown): boolean {
  return sqlStateOf(error) === '25P02';
}

/** The role of the connection may not do it. */
export function isForbidden(error: unknown): boolean {
  return sqlStateOf(error) === '42501';
}

/** What was to be removed is still needed by something, such as a role by its rights in another database. */
export function isStillNeeded(error: unknown): boolean {
  return sqlStateOf(error) === '2BP01';
}

/** Class 22: a value that no column of its kind can hold. */
export function isUnstorableValue(error: unknown): boolean {
  return sqlStateOf(error).startsWith('22');
}
