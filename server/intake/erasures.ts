import { recordKeyText, type RecordKey } from '../domain/message.js';

/**
 * Which records a batch erases (D7), and with which of its messages. A withdrawal and what comes
 * after it may be decided in one batch; the order of its messages must hold for their content, too.
 */
export class Erasures {
  readonly #last = new Map<string, number>();

  /** The message at a position of the batch erases these records. */
  add(keys: readonly RecordKey[], position: number): void {
    for (const key of keys) this.#last.set(recordKeyText(key), position);
  }

  /** Whether content of a record that came at a position is erased by a later message of the batch. */
  follow(key: RecordKey | undefined, position: number): boolean {
    return key !== undefined && (this.#last.get(recordKeyText(key)) ?? -1) > position;
  }

  /** Whether the batch has erased a record so far. */
  has(key: RecordKey | undefined): boolean {
    return key !== undefined && this.#last.has(recordKeyText(key));
  }
}
