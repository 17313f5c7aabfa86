import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { UsageError } from '../answer.js';

const TALLY = z.object({
  /** Rows read and judged. */
  rows: z.number(),
  accepted: z.number(),
  /** Of the accepted ones, those that the node had already. */
  duplicates: z.number(),
  refused: z.number(),
  /** Accepted rows with at least one warning. */
  warned: z.number(),
  /** Rows that stated no 数据汇总时间 and were given the one of the state. Earlier versions did not count. */
  undated: z.number().default(0),
});

const STATE = z.object({
  format: z.literal(1),
  /** SHA-256 of the input, lower-case hex; another one is another file, and begins at its beginning. */
  digest: z.string(),
  /** Sheet of a workbook that was sent. Unset: it is none, or a version before it was kept wrote this. */
  sheet: z.string().optional(),
  /** What its rows were taken for. Unset: a version before it was kept wrote this. */
  inputClass: z.string().optional(),
  /** Node that it was sent to. */
  node: z.string(),
  /** 数据汇总时间 of rows that state none; kept when the file is mended, as messages must not change. */
  sourceTimeMs: z.number(),
  /** Number of the last row of which everything before it is settled. */
  lastRow: z.number(),
  /** Bytes of the findings file that belong to these rows. */
  findingsBytes: z.number(),
  finished: z.boolean(),
  tally: TALLY,
});

/** What became of the rows so far. */
export type Tally = z.infer<typeof TALLY>;
/** How far a file has been sent. */
export type State = z.infer<typeof STATE>;

/** A tally of nothing. */
export const NOTHING: Tally = {
  rows: 0,
  accepted: 0,
  duplicates: 0,
  refused: 0,
  warned: 0,
  undated: 0,
};

/** Reads a state file; undefined when there is none. Throws UsageError when it is something else. */
export async function readState(path: string): Promise<State | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return STATE.parse(JSON.parse(text));
  } catch {
    throw new UsageError(
      `${path} 不是本命令的进度文件,请移走后再试。`,
      `${path} is no state file of this command; move it away and try again.`,
    );
  }
}

/** Writes a state file; a process that is killed meanwhile leaves the one before. */
export async function writeState(path: string, state: State): Promise<void> {
  const next = `${path}.next`;
  await writeFile(next, `${JSON.stringify(state, null, 2)}\n`);
  await rename(next, path);
}
