import { InvalidArgumentError, type Option } from 'commander';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { BATCH_SIZE } from '../../clients/batches.js';
import { both, ExitCode, type Answer } from '../answer.js';
import type { Call } from '../command.js';
import type { Hub } from '../connection.js';
import { countOf } from '../paging.js';
import { factsOf } from '../table.js';
import { option, timeOfDate } from '../words.js';
import type { Door } from './door.js';
import { digestOf } from './file-digest.js';
import { FindingsFile } from './findings-file.js';
import type { InputClass } from './input-class.js';
import { Progress } from './progress.js';
import { runFile } from './run.js';
import { openSource, type Source } from './source.js';
import { NOTHING, readState, type State } from './state-file.js';

/** Options of `register` and `submit`. */
export interface IntakeOptions {
  readonly resume?: true;
  readonly dryRun?: true;
  readonly findings?: string;
  readonly state?: string;
  readonly sheet?: string;
  readonly encoding: string;
  readonly skip?: string[];
  readonly sourceNode?: string;
  readonly sourceOrg?: string;
  readonly batch: number;
  readonly patience: number;
}

/** The options of {@link IntakeOptions}. */
export function intakeOptions(): Option[] {
  return [
    option('--resume', '接着上次中断处继续', 'goes on where the last run over this file ended'),
    option('--dry-run', '只校验,不报送', 'checks the rows and sends nothing'),
    option(
      '--findings <file>',
      '发现文件(.csv 或 .ndjson)',
      'file of findings; beside the input by default',
    ),
    option('--state <file>', '进度文件', 'state file; beside the input by default'),
    option('--sheet <name>', '工作表,默认第一个', 'sheet of a workbook; the first by default'),
    option('--encoding <name>', 'CSV、NDJSON 的编码', 'encoding of CSV and NDJSON')
      .choices(['utf-8', 'gb18030'])
      .default('utf-8'),
    option('--skip <headings...>', '略过的列', 'headings of columns to leave out'),
    option(
      '--source-node <code>',
      '数据汇总单位,默认所报节点',
      'source node; the node sent to by default',
    ),
    option(
      '--source-org <code>',
      '报送单位,默认令牌所属单位',
      'organisation that sends, where rows state none; that of the token by default',
    ),
    option('--batch <count>', '每批条数,最多 500', 'rows of a batch, 500 at most')
      .argParser(batchOf)
      .default(BATCH_SIZE),
    option(
      '--patience <seconds>',
      '节点暂不受理时,两次尝试之间等待的总秒数;不计尝试本身,有进展后重新计',
      'seconds of waiting between attempts, in all, when a node takes nothing; the attempts themselves do not count, and any progress begins anew',
    )
      .argParser(countOf)
      .default(60),
  ];
}

function batchOf(text: string): number {
  const count = countOf(text);
  if (count <= BATCH_SIZE) return count;
  throw new InvalidArgumentError(both(`最多 ${BATCH_SIZE}`, `${BATCH_SIZE} at most`));
}

/** Sends a file: `classes` are what its rows may be, `door` where they go. */
export async function sendFile(
  call: Call<IntakeOptions>,
  classes: readonly InputClass[],
  door: (hub: Hub) => Door,
): Promise<Answer> {
  const { hub, options, args, json } = call;
  const [file = ''] = args;
  const { encoding, sheet, batch: batchSize } = options;
  const source = await openSource(file, {
    classes,
    skipped: new Set(options.skip),
    encoding,
    sheet,
  });
  const { sourceNode, sourceOrg } = await sendersOf(hub, options);
  const statePath = options.state ?? `${file}.hub-state.json`;
  const begun = await beginning(file, source, sourceNode, statePath, options);
  const findings = new FindingsFile(findingsPath(file, options), begun.findingsBytes);
  const dryRun = options.dryRun === true;
  if (begun.finished) return answerOf(begun, begun, findings, dryRun);
  await findings.begin();
  const progress = new Progress(!json);
  try {
    const state = await runFile({
      source,
      door: door(hub),
      batchSize,
      patienceMs: options.patience * 1000,
      defaults: { sourceNode, sourceOrg, sourceTimeMs: begun.sourceTimeMs },
      findings,
      progress,
      dryRun,
      statePath: dryRun ? undefined : statePath,
      state: begun,
    });
    return answerOf(begun, state, findings, dryRun);
  } finally {
    progress.stop();
    await findings.close();
  }
}

/** Who sends, and to which node, where rows and options do not say it: what the node knows of itself and the caller. */
async function sendersOf(
  hub: Hub,
  { sourceNode, sourceOrg }: IntakeOptions,
): Promise<{ readonly sourceNode: string; readonly sourceOrg: string }> {
  if (sourceNode !== undefined && sourceOrg !== undefined) return { sourceNode, sourceOrg };
  const { node, role, code } = await hub.client(DataCenter).getCaller({});
  const isOrganisation = role === 'registry' || role === 'department';
  return {
    sourceNode: sourceNode ?? node,
    sourceOrg: sourceOrg ?? (isOrganisation ? code : ''),
  };
}

/** A check must not write over the findings of a run that may be resumed. */
function findingsPath(file: string, { findings, dryRun }: IntakeOptions): string {
  return findings ?? `${file}.${dryRun === true ? 'check' : 'findings'}.csv`;
}

/** Where a run begins: at the beginning, unless it resumes one over the same rows to the same node. */
async function beginning(
  file: string,
  { sheet, inputClass: { name: inputClass } }: Source,
  node: string,
  statePath: string,
  { resume, dryRun }: IntakeOptions,
): Promise<State> {
  const digest = await digestOf(file);
  const known = await readState(statePath);
  const isSame =
    known?.digest === digest &&
    known.sheet === sheet &&
    known.inputClass === inputClass &&
    known.node === node;
  if (known && isSame && resume === true && dryRun !== true) return known;
  return {
    format: 1,
    digest,
    sheet,
    inputClass,
    node,
    sourceTimeMs: known?.sourceTimeMs ?? Date.now(),
    lastRow: 0,
    findingsBytes: 0,
    finished: false,
    tally: NOTHING,
  };
}

/** A time that rows were given is told to be old after so long: the file may be another export by then. */
const OLD_MS = 3 * 86_400_000;

/** That rows were given an old 数据汇总时间, by which the node can't see that they are late. */
function oldTimeNotice({ sourceTimeMs, tally }: State): [zh: string, en: string] | undefined {
  if (tally.undated === 0 || Date.now() - sourceTimeMs <= OLD_MS) return undefined;
  return [
    '这是以此文件名首次报送的时间,已超过三天。补正原文件无妨;若是新导出的数据,请另用文件名或 --state,或在行中写明数据汇总时间。',
    'It is when a file of this name was first sent, more than three days ago. That is right for a file that was mended; for a new export use another name or --state, or state source_time in its rows.',
  ];
}

function answerOf(begun: State, ended: State, findings: FindingsFile, dryRun: boolean): Answer {
  const { tally, sourceTimeMs } = ended;
  const { rows, accepted, duplicates, refused, warned, undated } = tally;
  const written = findings.bytes > 0 ? findings.path : '';
  const given = new Date(sourceTimeMs);
  const notice = oldTimeNotice(ended);
  return {
    json: {
      ...tally,
      resumedBehindRow: begun.lastRow,
      findingsFile: written,
      // What rows were given that state none.
      sourceTime: given.toISOString(),
      ...(notice ? { notice: { messageZh: notice[0], messageEn: notice[1] } } : {}),
    },
    text: factsOf([
      ['行数 rows', String(rows)],
      [dryRun ? '可受理 acceptable' : '受理 accepted', String(accepted)],
      ['其中重复 of them before', duplicates > 0 ? String(duplicates) : ''],
      ['提示 with warnings', warned > 0 ? String(warned) : ''],
      [dryRun ? '不可受理 not acceptable' : '退回 refused', String(refused)],
      ['未写数据汇总时间 without source_time', undated > 0 ? String(undated) : ''],
      [
        dryRun ? '按此时间校验 checked with' : '按此时间报送 sent with',
        undated > 0 ? timeOfDate(given) : '',
      ],
      ['注意 ATTENTION', notice?.join('\n') ?? ''],
      ['怎样改 how to mend', written],
    ]),
    exitCode: refused > 0 ? ExitCode.FOUND : ExitCode.DONE,
  };
}
