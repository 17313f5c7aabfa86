import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { programWith } from '../../launch/program.js';

const RESTART_PAUSE_MS = 500;

/** Every process welcomes its operator with its name once it has started. */
const WELCOME = 'zhengzhao-hub';

/** What a hub process is started with. */
export interface HubProcessSpec {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A process of a hub under a supervisor that starts it again whenever it ends, as systemd would. */
export class HubProcess {
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #wanted = false;
  #ready = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly spec: HubProcessSpec) {
    this.#log = createWriteStream(spec.logFile, { flags: 'a' });
  }

  get name(): string {
    return this.spec.name;
  }

  /** Whether it has said that it is there: one that only starts is no worthy victim. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Starts it and keeps it running. */
  start(): void {
    this.#wanted = true;
    this.#launch();
  }

  /** Kills it where it stands; the supervisor starts it again. True when it was running. */
  kill(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.kill('SIGKILL');
  }

  /** Asks it to end in order, as for an upgrade; the supervisor starts it again. */
  restart(): void {
    this.#child?.kill('SIGTERM');
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.kill();
    await this.#exited;
    await new Promise((resolve) => this.#log.end(resolve));
  }

  #launch(): void {
    const { file, args, options } = programWith(this.spec.env, ['./chaos/stage/clock-preload.js']);
    const child = spawn(file, args, {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (text: Buffer) => {
      if (text.includes(WELCOME)) this.#ready = true;
    });
    child.stdout.pipe(this.#log, { end: false });
    child.stderr.pipe(this.#log, { end: false });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('close', () => {
        resolve();
        this.#ready = false;
        if (this.#wanted)
          this.#timer = setTimeout(() => {
            this.#launch();
          }, RESTART_PAUSE_MS);
      });
    });
    child.once('error', (error) => this.#log.write(`${error.message}\n`));
  }
}
