import type { Knex } from 'knex';
import { Batcher } from '../batching/batcher.js';
import { isOutage } from '../storage/outage.js';
import type { Settlement } from '../storage/delivery-outcomes.js';
import { settleAudited } from './settling.js';

/** The outcomes of one batch of a lane. */
type Lot = readonly Settlement[];

/** What became of writing a lot. */
type Written = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

/** Lots of one transaction; one at a time, as each takes the head of the audit chain anyway. */
const LIMITS = { connections: 1, batchSize: 32, waiting: 100_000 } as const;

/**
 * Writes outcomes of lanes that end at the same time together, with their audit, in one transaction:
 * as the intake does with messages, because the commit and the link of the chain cost most.
 */
export class SettleDesk {
  readonly #commit = new Batcher<Lot, Written>((lots) => this.#write(lots), LIMITS);

  constructor(
    private readonly knex: Knex,
    private readonly node: string,
  ) {}

  /** Resolves once the outcomes are committed. */
  async settle(settlements: Lot): Promise<void> {
    if (settlements.length === 0) return;
    const [written] = await this.#commit.add([{ item: settlements, lanes: [] }]);
    if (written?.ok === false) throw written.error;
  }

  async #write(lots: readonly Lot[]): Promise<Written[]> {
    try {
      await settleAudited(this.knex, this.node, lots.flat());
      return lots.map(() => ({ ok: true }));
    } catch (error) {
      if (lots.length === 1 || isOutage(error)) return lots.map(() => ({ ok: false, error }));
      // What can't be written must not take its neighbours with it (D13).
      const written: Written[] = [];
      for (const lot of lots) written.push(...(await this.#write([lot])));
      return written;
    }
  }
}
