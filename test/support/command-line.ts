import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { environmentWith } from '../../launch/program.js';

const LAUNCHER = join(import.meta.dirname, '../../cli/hub.js');

/** What a command left behind. */
export interface Ended {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is called. */
export interface CallOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process as soon as it runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** Runs `hub` as a process of its own, as a person would. */
export function hub(args: readonly string[], options: CallOptions = {}): Promise<Ended> {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: environmentWith(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  options.started?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal ?? 'SIGKILL', stdout, stderr });
    });
  });
}

/** Runs `hub … --json` and reads what it wrote. */
export async function hubJson<Json>(
  args: readonly string[],
  options: CallOptions = {},
): Promise<{ readonly code: Ended['code']; readonly json: Json }> {
  const { code, stdout, stderr } = await hub([...args, '--json'], options);
  if (stderr !== '') throw new Error(stderr);
  return { code, json: JSON.parse(stdout) as Json };
}
