import { Presets, SingleBar } from 'cli-progress';
import type { Tally } from './state-file.js';

const STEPS = 1000;

/** A progress bar on the terminal; nothing where there is none. It never writes to standard output. */
export class Progress {
  readonly #bar: SingleBar | undefined;

  constructor(shown: boolean) {
    if (!shown || !process.stderr.isTTY) return;
    const format = '{bar} {percentage}%  受理 accepted {accepted}  退回 refused {refused}';
    this.#bar = new SingleBar(
      { format, stream: process.stderr, clearOnComplete: true, hideCursor: true },
      Presets.shades_classic,
    );
    this.#bar.start(STEPS, 0, { accepted: 0, refused: 0 });
  }

  /** `share`: how much of the file has been read, 0 to 1. */
  show(share: number, { accepted, refused }: Tally): void {
    this.#bar?.update(Math.round(share * STEPS), { accepted, refused });
  }

  stop(): void {
    this.#bar?.stop();
  }
}
