import { randomBytes } from 'node:crypto';
import { unfinishedPath, type ExchangeFolder } from './exchange-folder.js';
import { SftpConnection, SftpError, type Sftp, type SftpServer } from './sftp-connection.js';

/** Status codes of the protocol that mean something here. */
const CODES: Readonly<Record<number, string>> = {
  2: 'ENOENT',
  3: 'EACCES',
  4: 'SFTP_FAILURE',
  8: 'SFTP_UNSUPPORTED',
};

/** An exchange folder on an SFTP server (R31); `directory` is as the server names it. */
export function sftpFolder(
  server: SftpServer,
  directory: string,
  elapsed: () => number,
  random: () => number,
): ExchangeFolder {
  const connection = new SftpConnection(server, elapsed, random);
  const at = (path: string): string => (path === '' ? directory : `${directory}/${path}`);
  const use = <T>(work: (files: SftpFiles) => Promise<T>): Promise<T> =>
    connection.use((sftp) => work(new SftpFiles(sftp)));
  return {
    // Connecting, and then the work itself.
    timeoutMs: server.timeoutMs * 2,
    concurrency: 8,
    async list(path, isWanted) {
      const files = await use((one) => one.list(at(path)));
      return files.filter(({ name }) => isWanted(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    makeDirectory: (path) => use((one) => one.makeDirectory(at(path))),
    read: (path) => use((one) => one.read(at(path))),
    place: (path, bytes) => use((one) => one.place(at(path), bytes)),
    move: (from, to) => use((one) => one.replace(at(from), at(to))),
    remove: (path) => use((one) => one.remove(at(path))),
    close: () => connection.stop(),
  };
}

type Answered<T> = (error: Error | null | undefined, value: T) => void;

/** One call of the protocol as a promise; the library throws for what the server does not offer. */
function ask<T = undefined>(call: (answered: Answered<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      call((error, value) => {
        if (error) reject(new SftpError(codeOf(error)));
        else resolve(value);
      });
    } catch {
      reject(new SftpError('SFTP_UNSUPPORTED'));
    }
  });
}

/** The same for a call that answers nothing. */
function tell(call: (answered: (error?: Error | null) => void) => void): Promise<undefined> {
  return ask((answered) => {
    call((error) => {
      answered(error, undefined);
    });
  });
}

function codeOf(error: Error): string {
  const code = 'code' in error ? Number(error.code) : NaN;
  return CODES[code] ?? 'SFTP_CONNECTION_LOST';
}

function has(error: unknown, ...codes: string[]): boolean {
  return error instanceof SftpError && codes.includes(error.code);
}

/** Work on files over one connection; paths are the server's. */
class SftpFiles {
  constructor(private readonly sftp: Sftp) {}

  async list(path: string) {
    type Entries = Parameters<Parameters<Sftp['readdir']>[1]>[1];
    const entries = await ask<Entries>((answered) => {
      this.sftp.readdir(path, answered);
    });
    return entries
      .filter(({ attrs }) => attrs.isFile())
      .map(({ filename, attrs: { size, mtime } }) => ({
        name: filename,
        size,
        modifiedMs: mtime * 1000,
      }));
  }

  /** A directory that is there answers with no more than "failure". */
  async makeDirectory(path: string): Promise<void> {
    try {
      await tell((answered) => this.sftp.mkdir(path, answered));
    } catch (error) {
      if (!has(error, 'SFTP_FAILURE')) throw error;
      const stats = await ask<{ isDirectory(): boolean }>((answered) => {
        this.sftp.stat(path, answered);
      });
      if (!stats.isDirectory()) throw error;
    }
  }

  read(path: string): Promise<Uint8Array> {
    return ask<Buffer>((answered) => {
      this.sftp.readFile(path, answered);
    });
  }

  /** Under another name in the same directory, to the disk where the server can, then renamed. */
  async place(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = unfinishedPath(path, randomBytes(6).toString('hex'));
    try {
      await this.#write(temporary, Buffer.from(bytes));
      await this.replace(temporary, path);
    } catch (error) {
      await this.remove(temporary).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Renames over what is there, in one step. A server without `posix-rename@openssh.com` can't: there
   * a file of that name, which only a repeated attempt leaves, is removed first.
   */
  async replace(from: string, to: string): Promise<void> {
    try {
      await tell((answered) => this.sftp.ext_openssh_rename(from, to, answered));
    } catch (error) {
      if (!has(error, 'SFTP_UNSUPPORTED')) throw error;
      await this.remove(to);
      await tell((answered) => this.sftp.rename(from, to, answered));
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await tell((answered) => this.sftp.unlink(path, answered));
    } catch (error) {
      if (!has(error, 'ENOENT')) throw error;
    }
  }

  async #write(path: string, bytes: Buffer): Promise<void> {
    const handle = await ask<Buffer>((answered) => {
      this.sftp.open(path, 'wx', answered);
    });
    try {
      if (bytes.length > 0)
        await tell((answered) => this.sftp.write(handle, bytes, 0, bytes.length, 0, answered));
      await this.#sync(handle);
    } finally {
      await tell((answered) => this.sftp.close(handle, answered));
    }
  }

  async #sync(handle: Buffer): Promise<void> {
    try {
      await ask((answered) => this.sftp.ext_openssh_fsync(handle, answered));
    } catch (error) {
      if (!has(error, 'SFTP_UNSUPPORTED')) throw error;
    }
  }
}
