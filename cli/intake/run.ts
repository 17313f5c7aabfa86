import type { FindingsFile } from './findings-file.js';
import type { InputClass } from './input-class.js';
import { prepare, type Prepared, type RowDefaults } from './message.js';
import type { Progress } from './progress.js';
import { LANES, sendRows, type SendingOptions } from './sending.js';
import type { Source, SourceRow } from './source.js';
import { writeState, type State } from './state-file.js';
import { judgedAs, tallyOf, verdictOf, type Verdict } from './verdict.js';
import { windowsOf } from './windows.js';

/** Everything about one run over a file. */
export interface Run extends SendingOptions {
  readonly source: Source;
  readonly defaults: RowDefaults;
  readonly findings: FindingsFile;
  readonly progress: Progress;
  /** True: rows are judged and nothing is sent. */
  readonly dryRun: boolean;
  /** Where the state is kept. Unset: nowhere. */
  readonly statePath: string | undefined;
  /** Where the run begins. */
  readonly state: State;
}

/**
 * Sends the rows of a file behind the last one of the state, window by window. The state is kept before
 * the first row is sent, as the time in it is part of what is sent; it moves on when all rows of a window are settled and their findings are written, so a run that ends anywhere
 * goes on with the window it was in; what the node had taken of it, it takes once.
 */
export async function runFile(run: Run): Promise<State> {
  const { source, findings, progress } = run;
  let state = await save(run, run.state);
  const rows = rowsBehind(source.rows, state.lastRow);
  for await (const window of windowsOf(rows, LANES * run.batchSize)) {
    const verdicts = await settle(window, source.inputClass, run);
    await findings.append(verdicts.flatMap((verdict) => verdict.findings));
    const lastRow = window.at(-1)?.number ?? state.lastRow;
    const tally = tallyOf(state.tally, verdicts);
    state = await save(run, { ...state, lastRow, tally, findingsBytes: findings.bytes });
    progress.show(source.progress(), state.tally);
  }
  return save(run, { ...state, finished: true });
}

async function* rowsBehind(
  rows: AsyncIterable<SourceRow>,
  lastRow: number,
): AsyncGenerator<SourceRow> {
  for await (const row of rows) if (row.number > lastRow) yield row;
}

async function save({ statePath }: Run, state: State): Promise<State> {
  if (statePath !== undefined) await writeState(statePath, state);
  return state;
}

/** Verdicts in the order of the rows. */
async function settle(
  window: readonly SourceRow[],
  inputClass: InputClass,
  run: Run,
): Promise<Verdict[]> {
  const { titleOf } = run.source;
  const prepared = window.map((row) => prepare(row, inputClass, run.defaults));
  const isSent = ({ findings }: Prepared): boolean => !run.dryRun && findings.length === 0;
  const outcomes = await sendRows(prepared.filter(isSent), run);
  const judged = await judge(
    prepared.filter((row) => !isSent(row)),
    run,
  );
  return prepared.flatMap((row) => {
    const outcome = outcomes.get(row.row);
    const verdict = outcome ? verdictOf(outcome, titleOf) : judged.get(row.row);
    return verdict ? [verdict] : [];
  });
}

/** Rows that are not sent are judged by the node all the same: everything is to be mended at once. */
async function judge(rows: readonly Prepared[], run: Run): Promise<Map<number, Verdict>> {
  const verdicts = new Map<number, Verdict>();
  const waiting = [...rows];
  const next = async (): Promise<void> => {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      const found = await run.door.check(row.message);
      verdicts.set(row.row, judgedAs(row, found, run.source.titleOf));
    }
  };
  await Promise.all(Array.from({ length: LANES }, next));
  return verdicts;
}
