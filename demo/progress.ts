import { stdout } from 'node:process';

/** Says what the demo is doing: one line that changes on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #live = stdout.isTTY;
  readonly #startedAt = Date.now();
  #last = '';

  /** A step with a figure that may grow; on a terminal it replaces the line before. */
  say(zh: string, en: string): void {
    const text = `${zh} · ${en}`;
    if (text === this.#last && !this.#live) return;
    this.#last = text;
    const line = `${this.#seconds()}  ${text}`;
    stdout.write(this.#live ? `\r\u001b[2K${line}` : `${line}\n`);
  }

  /** Leaves the changing line, so that other output can follow. */
  end(): void {
    if (this.#live) stdout.write('\r\u001b[2K');
  }

  /** Seconds since the demo began. */
  get seconds(): number {
    return (Date.now() - this.#startedAt) / 1000;
  }

  #seconds(): string {
    return `${this.seconds.toFixed(1).padStart(5)} s`;
  }
}
