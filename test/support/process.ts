import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locateExisting } from '../../server/postgres/cluster-location.js';
import { commandLine } from '../../server/postgres/process-table.js';
import { programWith } from '../../launch/program.js';
import { eventually } from './nodes.js';

/** The program as an operator runs it: a process of its own, started from its source. */
export class NodeProcess {
  /** Everything it has written so far. */
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;

  /** `env`: the HUB_* variables; those of this process are not passed on. */
  constructor(env: Readonly<Record<string, string>>) {
    const { file, args, options } = programWith({ HUB_LOG_LEVEL: 'warn', ...env });
    const child = spawn(file, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
    });
  }

  /** The address it prints, once it listens; fails with its output when it ends before. */
  async listening(): Promise<string> {
    const printed = eventually(() => {
      const [, address] = /监听 listening {3}(\S+)/.exec(this.stdout) ?? [];
      if (address === undefined) throw new Error('it does not listen yet');
      return Promise.resolve(address);
    });
    const early = this.#ended.then((code) => {
      throw new Error(`ended with ${code} before it listened:\n${this.stdout}${this.stderr}`);
    });
    return Promise.race([printed, early]);
  }

  /** Waits until its output holds `text`. */
  async says(text: string): Promise<void> {
    await eventually(() => {
      if (!`${this.stdout}${this.stderr}`.includes(text)) throw new Error(`not yet: ${text}`);
      return Promise.resolve();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** For the end of a test: whatever state it is in, it is gone afterwards. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL');
    await this.#ended;
  }
}

/** The pid of the PostgreSQL that runs on a data directory; undefined when there is none. */
export async function postgresOf(dataDir: string): Promise<number | undefined> {
  const { pgdata } = await locateExisting(dataDir);
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return (await commandLine(pid)).includes(` -D ${pgdata}`) ? pid : undefined;
}

/** Whether a process of that PostgreSQL is still there. */
export async function runs(pid: number): Promise<boolean> {
  return (await commandLine(pid)).includes(' -D ');
}
