import { acceptedBy, judge } from './verdict.js';
import { examine, type Ledger } from './examination.js';
import { makeInput, type Input } from './inputs.js';
import { Random } from './random.js';
import type { Target } from './target.js';

/** How a run is made. */
export interface RunOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Inputs on their way at once. */
  readonly atOnce: number;
  /** Only this input. Unset: all. */
  readonly only?: number | undefined;
  /** MiB of resident memory that no node may pass. */
  readonly rssLimitMb: number;
  /** Told now and then how many inputs are done. */
  readonly progress?: (done: number) => void;
}

/** An input that was not taken as it should be; `number` makes it again. */
export interface Finding {
  readonly number: number;
  readonly kind: string;
  readonly rpc: string;
  readonly what: string;
}

/** What a run found, and what it did. */
export interface Account {
  readonly findings: readonly Finding[];
  /** What is wrong with a node or its tables after the run. */
  readonly problems: readonly string[];
  readonly sent: Readonly<Record<string, number>>;
  readonly codes: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly highestRssMb: number;
  readonly seconds: number;
}

/** Enough to work on; a broken node would fill the memory with findings. */
const MOST_FINDINGS = 200;
const RSS_EVERY = 500;

/** Sends the inputs to the nodes, judges every answer, and examines the tables at the end. */
export async function fuzz(targets: readonly Target[], options: RunOptions): Promise<Account> {
  const run = new Run(targets, options);
  const from = Date.now();
  await run.sendAll();
  const seconds = (Date.now() - from) / 1000;
  return { ...run.tally(), problems: await run.examineAll(), seconds };
}

class Run {
  readonly #targets: readonly Target[];
  readonly #options: RunOptions;
  readonly #findings: Finding[] = [];
  readonly #sent: Record<string, number> = {};
  readonly #codes: Record<string, number> = {};
  readonly #ledgers: ReadonlyMap<Target, Ledger>;
  #next: number;
  #highestRssMb = 0;

  constructor(targets: readonly Target[], options: RunOptions) {
    this.#targets = targets;
    this.#options = options;
    this.#next = options.only ?? 0;
    this.#ledgers = new Map(targets.map((target) => [target, { accepted: 0, untold: 0 }]));
  }

  async sendAll(): Promise<void> {
    const { inputs, only, atOnce } = this.#options;
    const end = only === undefined ? inputs : only + 1;
    const sender = async (): Promise<void> => {
      while (this.#next < end && !this.#isHopeless()) await this.#sendOne(this.#next++);
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
    await this.#lookAtMemory();
  }

  tally() {
    const accepted = [...this.#ledgers.values()].reduce((sum, ledger) => sum + ledger.accepted, 0);
    return {
      findings: this.#findings,
      sent: this.#sent,
      codes: this.#codes,
      accepted,
      highestRssMb: this.#highestRssMb,
    };
  }

  async examineAll(): Promise<string[]> {
    const problems: string[] = [];
    for (const [target, ledger] of this.#ledgers) {
      const ended = target.ended();
      const found =
        ended === undefined
          ? await examine(target, ledger)
          : [`the process ended during the run: ${ended}`];
      problems.push(...[...found, ...target.complaints].map((one) => `${target.level}: ${one}`));
    }
    if (this.#highestRssMb > this.#options.rssLimitMb)
      problems.push(`a node took ${this.#highestRssMb} MiB of memory`);
    return problems;
  }

  #isHopeless(): boolean {
    const dead = this.#targets.some((target) => target.ended() !== undefined);
    return dead || this.#findings.length >= MOST_FINDINGS;
  }

  async #sendOne(number: number): Promise<void> {
    const random = new Random(this.#options.seed, number);
    const input = makeInput(number, random, this.#targets);
    const answer = await input.send();
    const { kind, method } = input;
    this.#sent[kind] = (this.#sent[kind] ?? 0) + 1;
    this.#codes[answer.code || answer.end] = (this.#codes[answer.code || answer.end] ?? 0) + 1;
    const what = judge(input, answer);
    if (what) this.#findings.push({ number, kind, rpc: method?.name ?? '', what });
    this.#note(input, answer);
    if (number % RSS_EVERY === 0) {
      await this.#lookAtMemory();
      this.#options.progress?.(number);
    }
  }

  #note(input: Input, answer: Awaited<ReturnType<Input['send']>>): void {
    const ledger = this.#ledgers.get(input.target);
    if (!ledger || !input.method) return;
    ledger.accepted += acceptedBy(input.method, answer);
    if (answer.end !== 'answered') ledger.untold += 1;
  }

  async #lookAtMemory(): Promise<void> {
    for (const target of this.#targets)
      this.#highestRssMb = Math.max(this.#highestRssMb, (await target.rssMb()) ?? 0);
  }
}
