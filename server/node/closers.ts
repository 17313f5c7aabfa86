import type { Logger } from 'pino';

/** What was opened, closed again in the opposite order, whatever happens in between. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /** What is opened after the closing has begun is closed at once. */
  add(close: () => unknown): void {
    if (this.#closing) void Promise.resolve().then(close);
    else this.#closers.push(close);
  }

  closeAll(log: Logger): Promise<void> {
    return (this.#closing ??= this.#close(log));
  }

  async #close(log: Logger): Promise<void> {
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, '关闭时出错 / closing failed');
      }
    }
  }
}
