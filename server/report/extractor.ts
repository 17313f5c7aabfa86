import type { Logger } from 'pino';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { extractBatch, type ExtractionParts, type Turn } from './extract.js';
import { Listener } from './listener.js';
import { channelsOf } from './tables.js';

/** One library that rows are taken from. */
export interface ExtractorParts extends ExtractionParts {
  /** Address of its database, for listening. */
  readonly url: string;
  /** Name in the log; never the address, which holds a password. */
  readonly source: string;
  readonly log: Logger;
  /** Milliseconds between two looks when nothing was announced. */
  readonly intervalMs: number;
}

/**
 * Turns in a row that may settle nothing: then it waits for the next look, where it goes on. Rows
 * for which there is no room are judged anew each time, and a long list of them must not be all that
 * the node does.
 */
const FRUITLESS_TURNS = 5;

/** A running extractor. */
export interface Extractor {
  /** Finishes the batch under way. */
  stop(): Promise<void>;
}

/**
 * Takes rows from one library until it is stopped (R50): at once when they are announced, else at
 * each regular look. Every library has a loop of its own, so that one that is away delays no other.
 */
export function startExtractor(parts: ExtractorParts): Extractor {
  const loop = new ExtractorLoop(parts);
  const running = loop.run();
  return {
    stop: async () => {
      loop.stop();
      await running;
    },
  };
}

class ExtractorLoop {
  #stopped = false;
  #heard = false;
  #failing = false;
  /** Where in the list the next turn goes on. */
  #after = 0;
  #fruitless = 0;
  #wake: (() => void) | undefined;
  readonly #listener: Listener;

  constructor(private readonly parts: ExtractorParts) {
    const { url, library } = parts;
    this.#listener = new Listener(url, channelsOf(library).rows, () => {
      this.#heard = true;
      this.#wake?.();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      this.#heard = false;
      const { settled, goOnAfter } = await this.#turn();
      this.#after = goOnAfter;
      this.#fruitless = settled > 0 ? 0 : this.#fruitless + 1;
      const tired = goOnAfter === 0 || this.#fruitless >= FRUITLESS_TURNS;
      if (settled === 0 && tired && !this.#heard) {
        await this.#pause();
        this.#fruitless = 0;
      }
    }
    await this.#listener.close();
  }

  async #turn(): Promise<Turn> {
    const { log, source } = this.parts;
    try {
      // First, so that what is committed from here on is either seen or heard of.
      await this.#listener.ensure();
      const turn = await extractBatch(this.parts, this.#after);
      if (this.#failing) log.info({ source }, '上报库抽取恢复 / the report library is read again');
      this.#failing = false;
      return turn;
    } catch (error) {
      this.#complain(error);
      // A notice now would only hasten the next failure.
      this.#heard = false;
      return { settled: 0, goOnAfter: 0 };
    }
  }

  #complain(error: unknown): void {
    const { log, source } = this.parts;
    const busy = error instanceof HubError && error.reason === ErrorReason.BACKLOG_FULL;
    if (!this.#failing && !busy && !this.#stopped)
      log.warn(
        { err: error, source },
        '上报库抽取未完成,稍后再试 / the report library could not be read',
      );
    this.#failing = !busy;
  }

  /** Until the next look, a notice or the end. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), this.parts.intervalMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      if (this.#stopped) this.#wake();
    });
  }
}
