import { MessageKindSchema } from '#gen/zhengzhao/v1/common_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { comparedDays } from '../../server/domain/reconciliation.js';
import { both, ExitCode, UsageError, type Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { differencesOf, sumsOf, type Days, type Difference, type Sum } from '../comparison.js';
import { listOf, tableOf } from '../table.js';
import { choiceOption, nameOf, numberOf, option } from '../words.js';

interface ReconcileOptions {
  readonly from?: string;
  readonly to?: string;
  readonly kind?: string;
  readonly with?: string;
  readonly withTokenFile?: string;
}

/** `reconcile`: what two nodes exchanged, and with both asked what is missing where (F21). */
export const reconcile: Group = (program) => {
  addCommand<ReconcileOptions>(program, {
    name: 'reconcile',
    zh: '对账:逐日逐类核对与对方节点的往来',
    en: 'compares what two nodes exchanged, by day and class',
    arguments: [{ name: '<peer>', zh: '对方节点代码', en: 'code of the other node' }],
    options: [
      option(
        '--from <date>',
        '起始日期 YYYY-MM-DD,默认截至昨天的七天',
        'first day; unset: the last seven days, up to yesterday',
      ),
      option('--to <date>', '截止日期,最多 31 天', 'last day, 31 days at most'),
      choiceOption('--kind <kind>', MessageKindSchema, '消息类别', 'class of message'),
      option(
        '--with <host:port>',
        '对方节点地址;不填只列本方',
        'address of the other node; else this side alone',
      ),
      option(
        '--with-token-file <file>',
        '对方节点签发的访问令牌文件',
        'file with the bearer token that the other node gave',
      ),
    ],
    run: compare,
  });
};

async function compare(call: Call<ReconcileOptions>): Promise<Answer> {
  const { hub, args, options } = call;
  const [peer = ''] = args;
  const days = daysOf(options);
  if (options.with === undefined && options.withTokenFile !== undefined)
    throw new UsageError('--with-token-file 须与 --with 同用。', '--with-token-file needs --with.');
  const client = hub.client(DataCenter);
  const here = { client, peer };
  const ours = await sumsOf(here, days);
  if (options.with === undefined) return answerOf(days, ours, undefined, []);
  const other = hub.at(options.with, options.withTokenFile);
  try {
    const { node } = await client.getNodeStatus({});
    const there = { client: other.client(DataCenter), peer: node };
    const theirs = await sumsOf(there, days);
    const differences = await differencesOf(here, there, { here: ours, there: theirs });
    return answerOf(days, ours, theirs, differences);
  } finally {
    other.close();
  }
}

function daysOf({ from, to, kind }: ReconcileOptions): Days {
  if ((from === undefined) !== (to === undefined))
    throw new UsageError('--from 与 --to 须同时给出。', '--from and --to belong together.');
  const { fromDate, toDate } = comparedDays(Date.now());
  return {
    fromDate: from ?? fromDate,
    toDate: to ?? toDate,
    kind: numberOf(MessageKindSchema, kind),
  };
}

function answerOf(
  { fromDate, toDate }: Days,
  here: readonly Sum[],
  there: readonly Sum[] | undefined,
  differences: readonly Difference[],
): Answer {
  const outcome = differences.length === 0 ? both('一致', 'equal') : both('不一致', 'they differ');
  const isDifferent = differences.some(({ where }) => where === 'DIFFERENT');
  const parts = [
    `${both('日期', 'days')} ${fromDate} – ${toDate}`,
    sumsTable(here, there),
    differencesTable(differences),
    isDifferent ? WHAT_DIFFERS : '',
    there ? outcome : '',
  ];
  return {
    json: {
      fromDate,
      toDate,
      here: here.map(sumJson),
      ...(there ? { there: there.map(sumJson) } : {}),
      differences: differences.map((one) => ({ ...one })),
    },
    text: parts.filter((part) => part !== '').join('\n\n'),
    exitCode: differences.length === 0 ? ExitCode.DONE : ExitCode.FOUND,
  };
}

const WHAT_DIFFERS = both(
  '内容不同的不会自动重发:同一消息编号不能覆盖已受理的内容。请在两端执行 hub trace 和 hub verify audit,查明哪一端正确,再请报送单位以新的消息编号和更高版本重新报送。',
  'What differs is not sent again: nothing overwrites what was accepted under the same id. Run hub trace and hub verify audit on both sides, find out which one is right, and have the sender report it anew, with a new id and a higher version.',
);

function sumJson({ date, kind, count, digest }: Sum) {
  return { date, kind: nameOf(MessageKindSchema, kind), count, digest };
}

function sumsTable(here: readonly Sum[], there: readonly Sum[] | undefined): string {
  const row = (side: string) => (sum: Sum) => [
    sum.date,
    nameOf(MessageKindSchema, sum.kind),
    side,
    String(sum.count),
    sum.digest.slice(0, 16),
  ];
  const rows = [...here.map(row('本方 here')), ...(there ?? []).map(row('对方 there'))];
  return listOf(['日期 day', '类别 kind', '', '数量 count', '摘要 digest'], rows.sort(byDay));
}

function byDay([dayA = '', kindA = '']: string[], [dayB = '', kindB = '']: string[]): number {
  return dayA.localeCompare(dayB) || kindA.localeCompare(kindB);
}

/** Differences shown to a person; JSON has all. */
const SHOWN = 200;

function differencesTable(differences: readonly Difference[]): string {
  const words = {
    MISSING_THERE: both('对方缺', 'missing there'),
    MISSING_HERE: both('本方缺', 'missing here'),
    DIFFERENT: both('内容不同', 'different'),
  };
  return tableOf(
    ['消息 message', '来源 source', ''],
    differences.slice(0, SHOWN).map((one) => [one.messageId, one.sourceNode, words[one.where]]),
  );
}
