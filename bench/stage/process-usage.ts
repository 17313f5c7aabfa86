import { readFile } from 'node:fs/promises';

/** Ticks of a second in /proc; the kernel shows 100 to programs on every platform of Node. */
const TICKS_PER_SECOND = 100;

/** What the kernel tells of a process after its name; the numbers are those of proc(5), less three. */
async function statOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may hold anything.
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

const PARENT = 1;
const OWN_TIMES = [11, 12] as const;
const TIMES_OF_ENDED_CHILDREN = [13, 14] as const;

function secondsIn(stat: readonly number[], fields: readonly number[]): number {
  return fields.reduce((sum, field) => sum + (stat[field] ?? 0), 0) / TICKS_PER_SECOND;
}

/** Seconds of processor time that a process has used. Throws where the system does not tell. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  return secondsIn(await statOf(pid), OWN_TIMES);
}

/** The process that started another one. */
export async function parentOf(pid: number): Promise<number> {
  return (await statOf(pid))[PARENT] ?? 0;
}

/** Seconds that a process and the processes it started have used, also those that have ended. */
export async function cpuSecondsOfFamily(pid: number): Promise<number> {
  const own = await statOf(pid);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const seconds = await Promise.all(
    // One that ends between the look and the question is counted the next time.
    children
      .split(' ')
      .flatMap((child) => (child ? cpuSecondsOf(Number(child)).catch(() => 0) : [])),
  );
  return seconds.reduce(
    (sum, one) => sum + one,
    secondsIn(own, [...OWN_TIMES, ...TIMES_OF_ENDED_CHILDREN]),
  );
}

/** Resident memory of a process in MB. Throws where the system does not tell. */
export async function residentMbOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(text) ?? [];
  if (kilobytes === undefined) throw new Error(`no memory of process ${pid}`);
  return (Number(kilobytes) * 1024) / 1_000_000;
}
