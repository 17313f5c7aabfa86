/**
 * Numbers after a restore (F21). What was numbered after the backup is not known any more, but others
 * have seen it: receipts, packages, cursors, revisions. So numbers go on far above anything that can
 * have been given: a restored node begins at a million for each second since 2020.
 */
const NUMBERS_PER_SECOND = 1_000_000;
const BEGINNING_MS = Date.UTC(2020, 0, 1);

/** The first number that a node restored at an instant gives; far below 2^53 for two centuries. */
export function firstNumberAfterRestore(atMs: number): number {
  return Math.max(0, Math.floor((atMs - BEGINNING_MS) / 1000)) * NUMBERS_PER_SECOND;
}

/**
 * The next revision of a record's not-public mark (D7), by the number of the message that changes it.
 * A restored node has forgotten the last revisions, and another node heeds only higher ones; the
 * number of its message is above all that were given before, and so is the revision made from it.
 */
export function nextRevision(before: number, messageSeq: number): number {
  return Math.max(before + 1, Math.floor(messageSeq / NUMBERS_PER_SECOND));
}

/**
 * The highest revision that another node may state. Changes are counted, and a restore adds the seconds
 * since 2020, so that no record gets there; after a higher one its own node could not go on counting.
 */
export const HIGHEST_REVISION = 2 ** 40;

/** Rule of deliveries that give a restored node back what it had reported itself before. */
export const GIVEN_BACK = 'GIVEN-BACK';
