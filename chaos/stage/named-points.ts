import { setTimeout as pause } from 'node:timers/promises';
import type { Direction, Inspector } from './relay.js';

/**
 * Named points, seen from outside in what passes between a hub process and its PostgreSQL or Redis;
 * the hub has no hook for them.
 *
 * - `commit-answer`: the database has committed a batch, its confirmation has not reached the hub.
 * - `commit-in-doubt`: the same, but only the connection is lost; the process lives on.
 * - `answer-wake`: the answer is on its way to the client, the wake-up has not reached Redis.
 * - `mid-batch`: the messages of a batch are written, their deliveries are not.
 * - `claim-send`: deliveries are claimed and have not left.
 * - `send-settle`: deliveries have left and the outcome is not written.
 * - `mid-migration`: tables are made, the migration is not recorded.
 */
export type NamedPoint =
  | 'commit-answer'
  | 'commit-in-doubt'
  | 'answer-wake'
  | 'mid-batch'
  | 'claim-send'
  | 'send-settle'
  | 'mid-migration';

/** CommandComplete of COMMIT in the wire protocol. */
const COMMITTED = Buffer.from('C\u0000\u0000\u0000\u000bCOMMIT\u0000', 'latin1');

/** Time in which an answer leaves the process that is killed before its wake-up. */
const ANSWER_MS = 40;

/** Waits for one named point of one process and strikes there, once. */
export class Trap {
  #armed: { readonly point: NamedPoint; readonly strike: () => void } | undefined;
  #accepted = false;

  /** Resolves to true when the point was reached within the time, and `strike` was called there. */
  async set(point: NamedPoint, strike: () => void, limitMs: number): Promise<boolean> {
    const limit = new AbortController();
    const sprung = new Promise<boolean>((resolve) => {
      this.#armed = {
        point,
        strike: () => {
          this.#armed = undefined;
          strike();
          resolve(true);
        },
      };
    });
    this.#accepted = false;
    const expired = pause(limitMs, false, { signal: limit.signal });
    expired.catch(() => undefined);
    const outcome = await Promise.race([sprung, expired]);
    limit.abort();
    this.#armed = undefined;
    return outcome;
  }

  /** Looks at a connection to PostgreSQL. */
  watchPostgres(): Inspector {
    let transaction: 'batch' | 'claim' | undefined;
    return (direction, bytes) => {
      if (direction === 'up') {
        const text = bytes.toString('latin1');
        if (text.includes('insert into messages')) transaction = 'batch';
        // A prepared statement sends its text once for a connection, and its name each time.
        if (text.includes('turn lane')) transaction = 'claim';
        if (text.includes('ROLLBACK')) transaction = undefined;
        return this.#passesUp(text, transaction);
      }
      if (transaction === undefined || !bytes.includes(COMMITTED)) return true;
      const ended = transaction;
      transaction = undefined;
      return this.#passesCommit(ended);
    };
  }

  /** Looks at a connection to Redis. */
  watchRedis(): Inspector {
    return async (direction: Direction, bytes: Buffer) => {
      const wakes = direction === 'up' && /EVAL(SHA)?\r\n/i.test(bytes.toString('latin1'));
      if (!wakes || !this.#accepted || this.#armed?.point !== 'answer-wake') return true;
      await pause(ANSWER_MS);
      return !this.#springs('answer-wake');
    };
  }

  #passesUp(text: string, transaction: 'batch' | 'claim' | undefined): boolean {
    if (transaction === 'batch' && text.includes('insert into deliveries'))
      return !this.#springs('mid-batch');
    if (text.includes('set state = x.state')) return !this.#springs('send-settle');
    if (/insert into .*"migrations"/.test(text)) return !this.#springs('mid-migration');
    return true;
  }

  #passesCommit(ended: 'batch' | 'claim'): boolean {
    if (ended === 'claim') return !this.#springs('claim-send');
    this.#accepted = true;
    return !this.#springs('commit-answer') && !this.#springs('commit-in-doubt');
  }

  #springs(point: NamedPoint): boolean {
    if (this.#armed?.point !== point) return false;
    this.#armed.strike();
    return true;
  }
}
