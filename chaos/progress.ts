import { stderr } from 'node:process';

const PLAIN_EVERY_MS = 5_000;

/** Says what the run is doing, on standard error: one line that changes, or a line now and then. */
export class Progress {
  readonly #live = stderr.isTTY;
  readonly #startedAt = performance.now();
  #saidAt = Number.NEGATIVE_INFINITY;

  say(zh: string, en: string): void {
    const now = performance.now();
    if (!this.#live && now - this.#saidAt < PLAIN_EVERY_MS) return;
    this.#saidAt = now;
    const seconds = ((now - this.#startedAt) / 1000).toFixed(0).padStart(5);
    const line = `${seconds} s  ${zh} · ${en}`;
    stderr.write(this.#live ? `\r\u001b[2K${line}` : `${line}\n`);
  }

  /** Leaves the changing line, so that other output can follow. */
  end(): void {
    if (this.#live) stderr.write('\r\u001b[2K');
  }
}
