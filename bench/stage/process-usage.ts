import { readFile } from 'node:fs/promises';

/** Ticks of a second in /proc; the kernel shows 100 to programs on every platform of Node. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has used. Throws where the system does not tell. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / TICKS_PER_SECOND;
}

/** Resident memory of a process in MB. Throws where the system does not tell. */
export async function residentMbOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? [];
  if (kilobytes === undefined) throw new Error(`no memory of process ${pid}`);
  return (Number(kilobytes) * 1024) / 1_000_000;
}
