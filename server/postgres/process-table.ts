import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * When a process started, as an opaque token of letters and digits; undefined when no such process
 * runs (a zombie counts as gone). A pid together with this token names one process for good: a
 * reused pid has another token, and so has the same pid after a reboot.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const started = Date.parse(`${await listProcess(pid, 'lstart=')} UTC`);
    return Number.isNaN(started) ? undefined : `t${started}`;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The program name (field 2) may hold spaces and brackets; fields count from after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  return state === 'Z' || state === 'X' ? undefined : `b${await bootToken()}t${startTicks}`;
}

/** The command line of a process, arguments joined by single spaces; '' when it is gone. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return listProcess(pid, 'command=');
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return raw.replaceAll('\0', ' ').trim();
}

/** Start ticks count from boot, so the boot itself has to be part of the token. */
async function bootToken(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return id.replace(/[^0-9a-f]/g, '').slice(0, 12);
}

/** One column of `ps` (macOS); '' when the process is gone. */
async function listProcess(pid: number, column: string): Promise<string> {
  const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' };
  const listed = await execute('ps', ['-ww', '-o', column, '-p', String(pid)], { env }).catch(
    () => undefined,
  );
  return listed?.stdout.trim() ?? '';
}
