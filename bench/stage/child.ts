import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programWith, type Program } from '../../launch/program.js';

const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 60_000;
const LINES_KEPT = 40;

const running = new Set<ChildProcess>();

// Whatever ends this process, no server is left behind.
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** A server of the benchmark in a process of its own. */
export interface Child {
  readonly pid: number;
  /** What `ready` caught in its line. */
  readonly caught: readonly string[];
  /** Ends it in order; rejects when it had ended by itself. */
  stop(): Promise<void>;
}

/** Starts a program and resolves once it has written a line that `ready` matches. */
export async function startChild(program: Program, ready: RegExp): Promise<Child> {
  const child = spawn(program.file, program.args, {
    ...program.options,
    // A group of its own: what it starts ends with it, and Ctrl-C is for the benchmark alone.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(String(signal ?? code)));
    child.once('error', (error) => resolve(error.message));
  });
  const caught = await readiness(child, exited, ready);
  let stopping = false;
  void exited.then((how) => {
    if (!stopping) process.stderr.write(`进程意外结束 · a process ended by itself: ${how}\n`);
  });
  return {
    pid: child.pid ?? 0,
    caught,
    stop: async () => {
      stopping = true;
      signalGroup(child, 'SIGTERM');
      const limit = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_LIMIT_MS);
      await exited;
      clearTimeout(limit);
      running.delete(child);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Reads what it writes for as long as it lives, so that no pipe fills; errors are passed on. */
function readiness(
  child: ChildProcess,
  exited: Promise<string>,
  ready: RegExp,
): Promise<readonly string[]> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(limit);
      reject(new Error(`${why}\n${said.join('\n')}`));
    };
    const limit = setTimeout(() => fail('it did not start'), START_LIMIT_MS);
    void exited.then((how) => fail(`it ended: ${how}`));
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface({ input: stream }).on('line', (line) => {
          if (said.length < LINES_KEPT) said.push(line);
          if (line.includes('"level":50')) process.stderr.write(`${line}\n`);
          const caught = ready.exec(line);
          if (!caught) return;
          clearTimeout(limit);
          resolve(caught.slice(1));
        });
  });
}

/** A yardstick's server, by its file in the project: the same runtime, another program. */
export function yardstickProgram(
  file: string,
  env: Readonly<Record<string, string>> = {},
): Program {
  const { file: node, options } = programWith(env);
  return { file: node, args: ['--import', 'tsx', file], options };
}
