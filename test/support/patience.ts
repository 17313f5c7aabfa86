/**
 * How long a test waits for what has to come, in milliseconds: a limit for a machine that is busy with
 * something else, never an expectation. One for all, well below the limit of a test, so that what did
 * not come is named and not only that the test took too long.
 */
export const PATIENCE_MS = 90_000;

/** What a stop or a call is allowed when a test shows that it does not use it: no test lasts as long. */
export const LONGER_THAN_A_TEST_MS = 600_000;
