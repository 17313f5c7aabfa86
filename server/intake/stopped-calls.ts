import type { Submission } from './submission.js';

type Ordered = Pick<Submission, 'call' | 'orderKey' | 'arrival'>;

/**
 * What was refused in which call, so that later deliveries of the same enterprise in that call wait
 * (D14), also when they come to the database in another batch. Clients' messages wait for nobody:
 * each has its own outcome (D13). Forgets a call when nobody holds it any more.
 */
export class StoppedCalls {
  readonly #keys = new WeakMap<symbol, Set<string>>();

  has({ call, orderKey, arrival }: Ordered): boolean {
    return arrival.side !== 'client' && (this.#keys.get(call)?.has(orderKey) ?? false);
  }

  add({ call, orderKey, arrival }: Ordered): void {
    if (arrival.side === 'client' || orderKey === '') return;
    const keys = this.#keys.get(call) ?? new Set();
    this.#keys.set(call, keys.add(orderKey));
  }
}
