import type { Logger } from 'pino';
import { createPoll } from '../repeating/poll.js';
import type { Use } from '../storage/access.js';

/** What noting uses needs. */
export interface UsageParts {
  /** Writes many at once. */
  readonly write: (uses: readonly Use[]) => Promise<void>;
  readonly log: Logger;
  readonly intervalMs: number;
}

/** When credentials were last used, written now and then. */
export interface Usage {
  readonly note: (use: Use) => void;
  /** Writes what is left. */
  stop(): Promise<void>;
}

/** Credentials noted between two writes; more are left out until then. */
const MOST = 10_000;

/** Notes uses in memory, the last one of each credential, and writes them every so often. */
export function startUsage({ write, log, intervalMs }: UsageParts): Usage {
  let noted = new Map<string, Use>();
  const flush = async (): Promise<void> => {
    const uses = [...noted.values()];
    noted = new Map();
    await write(uses);
  };
  // The time is for people who clean up; a gap in it harms nobody.
  const failed = (error: unknown): void =>
    log.warn({ err: error }, '最近使用时间未能写入 / the times of last use could not be written');
  const writing = createPoll({ run: flush, intervalMs, maxIntervalMs: intervalMs, failed });
  writing.start();
  return {
    note: (use) => {
      const key = `${use.tokenId}/${use.role}/${use.code}`;
      if (noted.size < MOST || noted.has(key)) noted.set(key, use);
    },
    stop: async () => {
      await writing.stop();
      await flush().catch(failed);
    },
  };
}
