import Table from 'cli-table3';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Examination } from './examination.js';
import { kindName, type FigureKey, type Figures } from './figures.js';
import { channelLines } from './front-end.js';
import { lifeLineText } from './life-line.js';
import { GUANGDONG, NATIONAL, NODE_NAMES, ZHEJIANG, type NodeCode } from './nodes.js';
import { reportLine } from './report-library.js';
import type { Story } from './story.js';

const NODES: readonly NodeCode[] = [NATIONAL, ZHEJIANG, GUANGDONG];

/** The messages that a line of the table counts, by the class that it shows. */
const KINDS: readonly { readonly kind: MessageKind; readonly name: string }[] = [
  { kind: MessageKind.REGISTRATION, name: '登记 registrations' },
  { kind: MessageKind.LICENCE, name: '许可 licences' },
  { kind: MessageKind.FILING, name: '备案 filings' },
  { kind: MessageKind.INSPECTION, name: '检查 inspections' },
  { kind: MessageKind.PENALTY, name: '处罚 penalties' },
];

type Picks = (key: FigureKey) => boolean;

const isUp: Picks = ({ group, place, what }) =>
  group === 'out' && place === NATIONAL && what === 'CARRY ACKNOWLEDGED';
const isDown: Picks = ({ node, group, what }) =>
  node === NATIONAL && group === 'out' && what === 'CARRY ACKNOWLEDGED';

/** Lines of the table besides those of the classes. */
const LINES: readonly { readonly name: string; readonly picks: Picks }[] = [
  { name: '上行 went up', picks: isUp },
  { name: '下行 went down', picks: isDown },
  { name: '数据包 packages built', picks: ({ place }) => place === 'packages' },
  { name: '已记名 attributed', picks: ({ group, what }) => group === 'in' && what === 'named' },
  { name: '已公示 published', picks: ({ group, what }) => group === 'in' && what === 'published' },
  { name: '待记名 wait for a person', picks: ({ place }) => place === 'waiting for a person' },
  { name: '不公示 not public', picks: ({ group, what }) => group === 'in' && what === 'nonPublic' },
  { name: '拦截上行 held back', picks: ({ what }) => what === 'CARRY HELD_BACK' },
  { name: '撤回 withdrawals sent', picks: ({ what }) => what === 'WITHDRAW ACKNOWLEDGED' },
  { name: '死信 dead letters', picks: ({ place }) => place === 'dead letters' },
];

/** Prints what went where, what was refused, what was held back, and one life line. */
export function printAccount(story: Story, examination: Examination, seconds: number): void {
  const lines = [
    ...sample(story),
    ...perNode(examination.figures, story),
    ...refusals(story),
    ...title('部门通道与上报库', 'channels of departments, rows by SQL'),
    ...channelLines(story.channels),
    reportLine(story.report),
    ...heldBack(story, examination),
    ...lifeLines(story, examination),
    ...conclusion(examination, seconds),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function title(zh: string, en: string): string[] {
  return ['', `${zh} · ${en}`, '─'.repeat(72)];
}

function sample({ enterprises, registrations, records, sender }: Story): string[] {
  const { rows, elsewhere, withoutIndustry, subjects } = enterprises;
  const coded = subjects.filter(({ event }) => event.scopeEntryCodes.length > 0).length;
  return [
    ...title('样例', 'the sample'),
    `样例 ${rows} 户真实企业:他省或地址不明 ${elsewhere},缺行业 ${withoutIndustry},用于演示 ${subjects.length},其中经营范围全部可编码 ${coded}`,
    `${rows} real enterprises: ${elsewhere} elsewhere or of unclear address, ${withoutIndustry} without industry, ${subjects.length} used, ${coded} of them with a scope that is all in the catalogue`,
    `发送登记 ${registrations.length} 条、涉企记录 ${records.length} 条 · ${registrations.length} registrations and ${records.length} records were sent`,
    `其中 ${sender.warned} 条受理并带提示,如经营范围未编码 · ${sender.warned} of them were accepted with warnings, such as a scope that is not coded`,
    '名称、代码、类型、资本、行业、地址、经营范围取自样例;法定代表人为占位,早于试点的核准日期记为 2019-12-01;',
    '所有许可、备案、检查、处罚均为虚构,与所列企业的真实情况无关;证照分离标记按“全省实施”假定加注。',
    'Real: name, code, type, capital, industry, address, scope. Invented: persons, approval dates before the',
    'pilot, and every licence, filing, inspection and penalty. Assumed: the reform holds in the whole province.',
  ];
}

function perNode(figures: Figures, { sender }: Story): string[] {
  const table = new Table({
    head: ['', ...NODES.map((node) => `${node} ${NODE_NAMES[node]}`)],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  const row = (name: string, picks: Picks): void => {
    table.push([
      name,
      ...NODES.map((node) => figures.sum((key) => key.node === node && picks(key))),
    ]);
  };
  for (const { kind, name } of KINDS)
    row(`收到 in: ${name}`, ({ group, what, kind: counted }) => {
      return group === 'in' && what === 'accepted' && counted === kindName(kind);
    });
  for (const { name, picks } of LINES) row(name, picks);
  table.push([
    '退回 refused',
    ...NODES.map(
      (node) =>
        sender.refused.filter(({ at }) => at === node).length +
        figures.sum((key) => key.node === node && key.place === 'NON_PUBLIC_UPWARD'),
    ),
  ]);
  return [...title('各节点', 'per node'), table.toString()];
}

function refusals({ sender }: Story): string[] {
  const groups = new Map<string, { count: number; lines: string[] }>();
  for (const { at, expected, reason, rules, messageZh, messageEn } of sender.refused) {
    const head = `${at}  ${reason}${rules.length > 0 ? ` [${rules.join(' ')}]` : ''}  ${expected.zh} · ${expected.en}`;
    const group = groups.get(head) ?? { count: 0, lines: [messageZh, messageEn] };
    groups.set(head, { ...group, count: group.count + 1 });
  }
  return [
    ...title('退回', 'refused, with the reasons the nodes gave'),
    ...[...groups].flatMap(([head, { count, lines }]) => [
      `${String(count).padStart(3)} × ${head}`,
      ...lines.map((line) => `        ${line}`),
    ]),
    `  1 × ${NATIONAL}  NON_PUBLIC_UPWARD  冒充省局直接投递不公示记录 · a record that is not public, handed over past the filter`,
  ];
}

function heldBack({ hidden }: Story, { search }: Examination): string[] {
  const from = (publicity: string): number =>
    hidden.filter((plan) => plan.publicity === publicity).length;
  const clean = search.found.length === 0;
  const queues =
    search.redisKeys === 0
      ? { zh: '(含队列)', en: '(queues included)' }
      : { zh: `和 Redis 的 ${search.redisKeys} 个键`, en: `and ${search.redisKeys} keys of Redis` };
  return [
    ...title('拦截', 'held back, and the proof'),
    `不公示记录 ${from('non-public')} 条从未上行;${from('marked later')} 条上行后被标记,已撤回,只留墓碑`,
    `${from('non-public')} records that are not public never went up; ${from('marked later')} were marked later and withdrawn, a tombstone remains`,
    `在总局以 ${search.calls} 次调用 (GetMessage ListDeliveries GetDisclosure ListUnattributed)、在其数据库 ${search.columns} 列 ${search.rows} 行${queues.zh}及日志中查找 ${search.markers} 个标记:${clean ? '一处也没有' : `发现 ${search.found.length} 处`}`,
    `${search.markers} markers looked for at the national node by ${search.calls} calls, in ${search.columns} columns and ${search.rows} rows of its database ${queues.en} and in its log: ${clean ? 'none found' : `${search.found.length} found`}`,
    `同样的查找在省级节点找到全部标记,共 ${search.foundAtProvinces} 处 · the same search finds all of them at the provinces, in ${search.foundAtProvinces} places`,
    ...search.found.map((place) => `  ${place}`),
  ];
}

function lifeLines({ cast, star }: Story, examination: Examination): string[] {
  const { registrationLine, licenceLine } = examination;
  return [
    ...title('生命线', 'life line of one enterprise'),
    `${cast.star.name} ${cast.star.uscc}`,
    `登记 registration ${cast.star.event.envelope?.messageId ?? ''}`,
    ...lifeLineText(registrationLine),
    `总局许可 licence of the national level ${star.record.envelope?.messageId ?? ''}`,
    ...lifeLineText(licenceLine),
  ];
}

function conclusion(
  { problems, checked, disclosure, links, shared }: Examination,
  seconds: number,
): string[] {
  return [
    ...title('结论', 'conclusion'),
    `公示核对 disclosure: ${disclosure.enterprises} 户企业 enterprises, ${disclosure.records} 条公示记录 published records at both levels`,
    ...links.map(
      ({ link, messages, agrees }) =>
        `对账 reconciliation ${link}: ${messages} 条 messages, ${agrees ? '一致 equal' : '不一致 NOT equal'}`,
    ),
    `共享库 shared library: ${shared.rows} 条登记 events of ${shared.item}, SQL 与接口${shared.agrees ? '一致 equal' : '不一致 NOT equal'}`,
    `核对了 ${checked} 个预期数字 · ${checked} expected figures compared, ${seconds.toFixed(0)} s`,
    ...(problems.length === 0
      ? ['全部相符 · everything is as expected']
      : [
          `${problems.length} 处不符 · ${problems.length} off:`,
          ...problems.map((problem) => `  ${problem}`),
        ]),
  ];
}
