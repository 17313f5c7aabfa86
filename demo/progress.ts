import { stdout } from 'node:process';

/** Says what the demo is doing: one line that changes on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #live = stdout.isTTY;
  readonly #startedAt = Date.now();

  /** A step with a figure that may grow; on a terminal it replaces the line before. */
  say(zh: string, en: string): void {
    const line = `${this.#seconds()}  ${zh} · ${en}`;
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
