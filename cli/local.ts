import type { Knex } from 'knex';
import { ToldError } from './answer.js';

/** What can't be done on this machine, with the words that the start of a node has for it. */
export class LocalError extends ToldError {}

/**
 * Acts in the database of the node that the HUB_* variables describe, beside the node itself. Throws
 * LocalError. The server is loaded for such commands only: the others start faster, and need none.
 */
export async function onNodeStore<T>(act: (knex: Knex, node: string) => Promise<T>): Promise<T> {
  const { configOfProcess } = await import('../server/config.js');
  const { withCommandStore } = await import('../server/node/command-store.js');
  return inWords(async () => {
    const config = configOfProcess();
    return withCommandStore(config, ({ knex }) => act(knex, config.node));
  });
}

/** Does something of the server's or the trial's, and tells its errors as they tell them. */
export async function inWords<T>(act: () => Promise<T>): Promise<T> {
  const { explainStartError } = await import('../server/start-error.js');
  try {
    return await act();
  } catch (error) {
    const [zh = '', ...en] = explainStartError(error, undefined).split(' · ');
    throw new LocalError(zh, en.join(' · '));
  }
}
