import { once } from 'node:events';
import { configOfProcess, type Config } from './config.js';
import { createLog } from './log.js';
import { startNode, type RunningNode } from './node.js';
import { explainStartError, whyNot } from './start-error.js';

/** What whoever started the node is told meanwhile. */
export interface Announcements {
  ready(node: RunningNode): void;
  stopping(signal: NodeJS.Signals): void;
}

/** Milliseconds an orderly end may take; what is still open then ends with the process. */
const STOP_LIMIT_MS = 30_000;

/**
 * Exit codes, the same as those of the command line. What is `wrong` does not get better by starting again,
 * which systemd is told (deploy/systemd).
 */
const EXIT_CODES = { refused: 1, wrong: 2, away: 3 } as const;

/** Aborted by the first SIGINT or SIGTERM. The second one does not wait for anything. */
function onSignal(announcements: Announcements): AbortSignal {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(1);
    announcements.stopping(signal);
    stopping.abort();
    forceAfterLimit();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

function forceAfterLimit(): void {
  setTimeout(() => {
    process.stderr.write('未能按时停止,强制退出 · did not stop in time; forced.\n');
    process.exit(1);
  }, STOP_LIMIT_MS).unref();
}

/** `hub-node 330000`, or `hub-api 330000` and `hub-worker 330000` where each is a process of its own. */
function nameInProcessList({ process: role, node }: Config): string {
  return `hub-${role === 'all' ? 'node' : role} ${node}`;
}

/** Resolves when the node has stopped, with why it ended by itself; undefined: it was told to. */
async function run(
  config: Config,
  stopping: AbortSignal,
  announcements: Announcements,
): Promise<unknown> {
  const log = createLog(config.logLevel, config.node);
  const node = await startNode(config, log, stopping);
  announcements.ready(node);
  const end = AbortSignal.any([stopping, node.moved]);
  if (!end.aborted) await once(end, 'abort');
  if (!stopping.aborted) {
    log.fatal(
      { err: node.moved.reason as unknown },
      '进程结束,须重新启动 / the process ends, to be started again',
    );
    forceAfterLimit();
  }
  await node.stop();
  return stopping.aborted ? undefined : node.moved.reason;
}

/**
 * Runs the node that the environment describes, until it is told to stop, or must be started again as its
 * database is in another place. Returns the exit code: 0 stopped, 2 wrong configuration, 3 something that it
 * needs can't be reached, 1 anything else. Why a node does not start, or ends by itself, goes to standard
 * error, Chinese and English.
 */
export async function runNode(
  env: NodeJS.ProcessEnv,
  announcements: Announcements,
): Promise<0 | 1 | 2 | 3> {
  const stopping = onSignal(announcements);
  let config: Config | undefined;
  try {
    config = configOfProcess(env);
    process.title = nameInProcessList(config);
    const ended = await run(config, stopping, announcements);
    if (ended === undefined) return 0;
    process.stderr.write(`${explainStartError(ended, config)}\n`);
    // The database is there: it is only to be started again.
    return EXIT_CODES.refused;
  } catch (error) {
    // Ctrl-C reaches every process of the terminal, so what a stopped start fails with says nothing.
    if (stopping.aborted) return 0;
    process.stderr.write(`${explainStartError(error, config)}\n`);
    return EXIT_CODES[whyNot(error)];
  }
}
