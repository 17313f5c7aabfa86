import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Submission } from './submission.js';

type Ordered = Pick<Submission, 'call' | 'orderKey' | 'arrival' | 'head'>;

/**
 * What was refused in which call, so that later deliveries of the same enterprise in that call wait
 * (D14), also when they come to the database in another batch. Of clients' messages each has its own
 * outcome (D13); only registrations wait, and only for one that was refused for now, as it comes again:
 * what followed it would be decided first. Forgets a call when nobody holds it any more.
 */
export class StoppedCalls {
  readonly #keys = new WeakMap<symbol, Set<string>>();

  has(one: Ordered): boolean {
    return keepsOrder(one) && (this.#keys.get(one.call)?.has(one.orderKey) ?? false);
  }

  /** `forNow`: sent again unchanged it may be taken. */
  add(one: Ordered, forNow: boolean): void {
    const { call, orderKey, arrival } = one;
    if (orderKey === '' || !keepsOrder(one) || (arrival.side === 'client' && !forNow)) return;
    const keys = this.#keys.get(call) ?? new Set();
    this.#keys.set(call, keys.add(orderKey));
  }
}

function keepsOrder({ arrival, head }: Ordered): boolean {
  return arrival.side !== 'client' || head.kind === MessageKind.REGISTRATION;
}
