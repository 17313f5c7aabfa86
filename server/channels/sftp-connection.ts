import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type SftpClient from 'ssh2-sftp-client';
import { backoffMs } from '../delivery/backoff.js';
import { ExposedFileError, requirePrivate } from '../private-file.js';
import { failureOf } from './carrier.js';

/** The SFTP server of a front-end machine, and as whom to log on there (R31). */
export interface SftpServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Fingerprints `SHA256:…` of its host keys as `ssh-keygen -l` shows them; no other is trusted. */
  readonly hostKeys: readonly string[];
  /** Exactly one of both; read for each connection, so that they can be renewed. Never logged. */
  readonly privateKeyFile?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** Longest time of connecting, and of each piece of work, in milliseconds. */
  readonly timeoutMs: number;
}

/** What is spoken with once a connection stands. */
export type Sftp = Awaited<ReturnType<SftpClient['connect']>>;

/** A connection that failed or a call that was refused, by code; holds no address and no secret. */
export class SftpError extends Error {
  override readonly name = 'SftpError';
  constructor(readonly code: string) {
    super(code);
  }
}

interface Session {
  readonly sftp: Sftp;
  readonly socket: Socket;
  /** Rejects when the connection is gone. */
  readonly gone: Promise<never>;
}

/** Longest wait before a server that could not be reached is tried again. */
const PAUSE_CAP_MS = 30_000;
const KEEPALIVE_MS = 10_000;

/**
 * The one connection of a channel to its SFTP server: opened when it is needed, kept, and opened anew
 * with backoff after it was lost. Whoever asks while it waits is refused at once.
 */
export class SftpConnection {
  #session: Promise<Session> | undefined;
  #failures = 0;
  #pausedUntil = 0;
  #failure = '';
  readonly #stopping = new AbortController();

  constructor(
    private readonly server: SftpServer,
    /** Milliseconds of a clock that nobody sets, as pauses are measured by it. */
    private readonly elapsed: () => number,
    private readonly random: () => number,
  ) {}

  /**
   * Does some work over the connection. Work that takes too long ends the connection, as the other
   * side of a line that is dead never says so.
   * @throws SftpError
   */
  async use<T>(work: (sftp: Sftp) => Promise<T>): Promise<T> {
    const session = await this.#open();
    const timer = setTimeout(() => {
      session.socket.destroy(new SftpError('SFTP_TIMEOUT'));
    }, this.server.timeoutMs);
    try {
      return await Promise.race([work(session.sftp), session.gone]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the connection; what is under way fails, and every later call too. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const session = await this.#session?.catch(() => undefined);
    session?.socket.destroy();
  }

  #open(): Promise<Session> {
    if (this.#stopping.signal.aborted) return Promise.reject(new SftpError('SFTP_STOPPED'));
    if (this.#session) return this.#session;
    if (this.elapsed() < this.#pausedUntil) return Promise.reject(new SftpError(this.#failure));
    const opening = openSession(this.server, this.#stopping.signal);
    this.#session = opening;
    const forget = (): void => {
      if (this.#session === opening) this.#session = undefined;
    };
    opening.then(
      (session) => {
        this.#failures = 0;
        session.gone.catch(forget);
      },
      (error: unknown) => {
        forget();
        this.#failures += 1;
        this.#failure = failureOf(error);
        const pauseMs = Math.min(backoffMs(this.#failures, this.random()), PAUSE_CAP_MS);
        this.#pausedUntil = this.elapsed() + pauseMs;
      },
    );
    return opening;
  }
}

async function openSession(server: SftpServer, stopping: AbortSignal): Promise<Session> {
  const credentials = await readCredentials(server);
  // Loaded by nodes that use it only: the others start sooner.
  const { default: Client } = await import('ssh2-sftp-client');
  const socket = connect({ host: server.host, port: server.port });
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(server.timeoutMs)]);
  const giveUp = (): void => {
    socket.destroy(new SftpError(stopping.aborted ? 'SFTP_STOPPED' : 'SFTP_TIMEOUT'));
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  const gone = lossOf(socket);
  try {
    const sftp = await Promise.race([
      logOn(new Client('hub', SILENT), server, credentials, socket),
      gone,
    ]);
    return { sftp, socket, gone };
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Rejects with the reason when the socket closes. Nobody need listen. */
function lossOf(socket: Socket): Promise<never> {
  const gone = new Promise<never>((_, reject) => {
    let reason: unknown;
    socket.on('error', (error) => (reason ??= error));
    socket.on('close', () => {
      reject(new SftpError(reason === undefined ? 'SFTP_CONNECTION_LOST' : failureOf(reason)));
    });
  });
  gone.catch(() => undefined);
  return gone;
}

interface Credentials {
  readonly privateKey?: Buffer;
  readonly password?: string;
}

async function readCredentials(server: SftpServer): Promise<Credentials> {
  const { privateKeyFile, passwordFile = '' } = server;
  try {
    const file = privateKeyFile ?? passwordFile;
    requirePrivate(file, await stat(file));
    if (privateKeyFile) return { privateKey: await readFile(privateKeyFile) };
    return { password: (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '') };
  } catch (error) {
    const exposed = error instanceof ExposedFileError;
    throw new SftpError(exposed ? 'SFTP_CREDENTIALS_EXPOSED' : 'SFTP_CREDENTIALS_UNREADABLE');
  }
}

/** The socket tells what becomes of the connection; without these the library writes to the console. */
const SILENT = { error: () => undefined, end: () => undefined, close: () => undefined };

async function logOn(
  client: SftpClient,
  server: SftpServer,
  credentials: Credentials,
  sock: Socket,
): Promise<Sftp> {
  let trusted = true;
  try {
    return await client.connect({
      sock,
      username: server.user,
      ...credentials,
      hostVerifier: (key: Buffer) => (trusted = server.hostKeys.includes(fingerprint(key))),
      // The whole of connecting has one limit, which also covers what comes before and after.
      readyTimeout: 0,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
    });
  } catch (error) {
    throw new SftpError(trusted ? reasonOf(error) : 'SFTP_HOST_KEY_NOT_TRUSTED');
  }
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The library puts everything into its texts, which may quote a file or an address. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : '';
  if (/authentication/i.test(text)) return 'SFTP_AUTHENTICATION_REFUSED';
  if (/privateKey|passphrase|decrypt/i.test(text)) return 'SFTP_PRIVATE_KEY_UNUSABLE';
  const code = failureOf(error);
  return /^(?:E[A-Z]+|SFTP_[A-Z_]+)$/.test(code) ? code : 'SFTP_HANDSHAKE_FAILED';
}
