import { ToldError, UsageError } from './answer.js';

/** What can't be done on this machine, with the words that the start of a node has for it. */
export class LocalError extends ToldError {}

/** The node of this machine, or its database, can't be reached; the same words. */
export class AwayError extends ToldError {}

const ERRORS = { wrong: UsageError, away: AwayError, refused: LocalError } as const;

/**
 * Does something beside a node, and tells its errors as the start of a node tells them: UsageError for a
 * wrong value or setting, AwayError, or LocalError. The server is loaded for such commands only: the
 * others start faster, and need none.
 */
export async function inWords<T>(act: () => Promise<T>): Promise<T> {
  const { explainStartError, whyNot } = await import('../server/start-error.js');
  try {
    return await act();
  } catch (error) {
    const [zh = '', ...en] = explainStartError(error, undefined).split(' · ');
    throw new ERRORS[whyNot(error)](zh, en.join(' · '));
  }
}
