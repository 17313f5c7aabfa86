/** Work that repeats until it is stopped. */
export interface Poll {
  /** Begins; a second call changes nothing. */
  start(): void;
  /** Ends, and waits for a round under way. */
  stop(): Promise<void>;
}

/** What to repeat. */
export interface PollOptions {
  readonly run: () => Promise<unknown>;
  /** Milliseconds from the end of a round to the next. */
  readonly intervalMs: number;
  /** Milliseconds until the first round. Unset: one interval. */
  readonly firstMs?: number;
  /** Longest wait after failures in a row, which double the interval. Unset: ten intervals. */
  readonly maxIntervalMs?: number;
  /** Told of the first failure in a row only: a database that is down needs no line every second. */
  readonly failed: (error: unknown) => void;
}

/** Repeats some work, never two rounds at once, without keeping the process alive. */
export function createPoll(options: PollOptions): Poll {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let started = false;
  let failures = 0;

  async function round(): Promise<void> {
    try {
      await options.run();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) options.failed(error);
    }
  }

  function schedule(wait = waitAfter(failures, options)): void {
    timer = setTimeout(() => {
      running = round().finally(() => {
        if (started) schedule();
      });
    }, wait);
    timer.unref();
  }

  return {
    start() {
      if (started) return;
      started = true;
      schedule(options.firstMs);
    },
    async stop() {
      started = false;
      clearTimeout(timer);
      await running;
    },
  };
}

function waitAfter(failures: number, options: PollOptions): number {
  const longest = options.maxIntervalMs ?? options.intervalMs * 10;
  return Math.min(longest, options.intervalMs * 2 ** Math.min(failures, 16));
}
