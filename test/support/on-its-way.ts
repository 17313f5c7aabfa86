import type { TestNode } from './nodes.js';

/** What else is looked for. */
export interface LookedFor {
  /** Also dead letters. Unset: not. */
  readonly dead?: boolean;
  /** Also licences whose citations are still to be called back, which opens deliveries later. Unset: not. */
  readonly recalls?: boolean;
}

/**
 * What one of the nodes still has to send, of all of them at one moment: one question to the database that
 * they share. Asked one after the other, what goes from a node that is not asked yet to one that was asked
 * already would not be seen.
 */
export async function onItsWay(
  nodes: readonly TestNode[],
  { dead = false, recalls = false }: LookedFor = {},
): Promise<unknown[]> {
  const [first] = nodes;
  if (!first) throw new Error('There is no node to ask.');
  const states = dead ? '1, 3' : '1';
  const questions = nodes.flatMap(({ code, schema }) => [
    `select '${code}' as node, 'delivery' as what, id, state, last_error as why
       from "${schema}".deliveries where state in (${states})`,
    ...(recalls ? [`select '${code}', 'recall', id, 0, '' from "${schema}".citation_recalls`] : []),
  ]);
  return first.sql(questions.join(' union all '));
}
