import { ToldError } from './answer.js';

/** What can't be done on this machine, with the words that the start of a node has for it. */
export class LocalError extends ToldError {}

/**
 * Does something beside a node, and tells its errors as the start of a node tells them (LocalError).
 * The server is loaded for such commands only: the others start faster, and need none.
 */
export async function inWords<T>(act: () => Promise<T>): Promise<T> {
  const { explainStartError } = await import('../server/start-error.js');
  try {
    return await act();
  } catch (error) {
    const [zh = '', ...en] = explainStartError(error, undefined).split(' · ');
    throw new LocalError(zh, en.join(' · '));
  }
}
