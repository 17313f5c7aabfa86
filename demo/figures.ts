import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { GetExchangeReportResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { DemoNode, NodeCode } from './nodes.js';

/** What of the messages that came in is counted, as the report of a node names it. */
export type IntakeFigure = 'accepted' | 'stale' | 'named' | 'waiting' | 'published' | 'nonPublic';

const INTAKE_FIGURES: readonly IntakeFigure[] = [
  'accepted',
  'stale',
  'named',
  'waiting',
  'published',
  'nonPublic',
];

/** What of the packages of a receiving department is counted. */
export type DepartmentFigure =
  | 'packages'
  | 'messages'
  | 'sent'
  | 'deemedDelivered'
  | 'received'
  | 'claimed'
  | 'returned'
  | 'failed'
  | 'late';

const DEPARTMENT_FIGURES: readonly DepartmentFigure[] = [
  'packages',
  'messages',
  'sent',
  'deemedDelivered',
  'received',
  'claimed',
  'returned',
  'failed',
  'late',
];

/** One figure of a node; what does not apply is empty. */
export interface FigureKey {
  readonly node: NodeCode;
  readonly group: 'in' | 'out' | 'refused' | 'department' | 'node';
  readonly kind: string;
  /** Intake: `client` or a node. Out: the destination. Refused: the reason. Department: its code. Node: the figure. */
  readonly place: string;
  /** Intake, department: the figure. Out: action and state. */
  readonly what: string;
  /** Rule that decided. */
  readonly rule: string;
}

/** Figures by what they count; a figure that was never counted is 0. */
export class Figures {
  readonly #counts = new Map<string, { readonly key: FigureKey; count: number }>();

  add(key: FigureKey, count = 1): void {
    if (count === 0) return;
    const text = textOf(key);
    const held = this.#counts.get(text);
    if (held) held.count += count;
    else this.#counts.set(text, { key, count });
  }

  get(key: FigureKey): number {
    return this.#counts.get(textOf(key))?.count ?? 0;
  }

  get keys(): FigureKey[] {
    return [...this.#counts.values()].map(({ key }) => key);
  }

  /** Sum of the figures that a condition picks. */
  sum(picks: (key: FigureKey) => boolean): number {
    return [...this.#counts.values()].reduce(
      (sum, { key, count }) => (picks(key) ? sum + count : sum),
      0,
    );
  }
}

/** A figure as it is shown when it is off. */
export function textOf({ node, group, kind, place, what, rule }: FigureKey): string {
  return [node, group, kind, place, what, rule].filter((part) => part !== '').join(' · ');
}

/** A figure that is not what it should be. */
export interface Difference {
  readonly figure: string;
  readonly expected: number;
  readonly actual: number;
}

/** Every figure that either side has and the two differ in. */
export function compare(expected: Figures, actual: Figures): Difference[] {
  const keys = new Map([...expected.keys, ...actual.keys].map((key) => [textOf(key), key]));
  return [...keys].flatMap(([figure, key]) => {
    const [wanted, found] = [expected.get(key), actual.get(key)];
    return wanted === found ? [] : [{ figure, expected: wanted, actual: found }];
  });
}

/** What the nodes answer about themselves: exchange report and status (RPC). */
export async function readFigures(nodes: readonly DemoNode[], fromDate: string): Promise<Figures> {
  const figures = new Figures();
  for (const node of nodes) {
    // Until today as the node has it, should midnight pass while the demo runs.
    addReport(figures, node.code, await node.dataCenter.getExchangeReport({ fromDate }));
    const status = await node.dataCenter.getNodeStatus({});
    const own = (place: string, count: bigint): void => {
      figures.add(nodeFigure(node.code, place), Number(count));
    };
    own('waiting for a person', status.unattributed);
    for (const { dead } of status.links) own('dead letters', dead);
    for (const { open } of status.links) own('open deliveries', open);
  }
  return figures;
}

/** A figure of a node as a whole. */
export function nodeFigure(node: NodeCode, place: string): FigureKey {
  return { node, group: 'node', kind: '', place, what: '', rule: '' };
}

/** A figure of a receiving department (R26, R33). */
export function departmentFigure(node: NodeCode, place: string, what: DepartmentFigure): FigureKey {
  return { node, group: 'department', kind: '', place, what, rule: '' };
}

function addReport(figures: Figures, node: NodeCode, report: GetExchangeReportResponse): void {
  for (const row of report.intake)
    for (const what of INTAKE_FIGURES)
      figures.add(
        { node, group: 'in', kind: kindName(row.kind), place: row.origin, what, rule: '' },
        Number(row[what]),
      );
  for (const { destination: place, kind, action, state, rule, count } of report.destinations) {
    const what = `${action} ${state}`.trim();
    figures.add({ node, group: 'out', kind: kindName(kind), place, what, rule }, Number(count));
  }
  for (const { reason, rule, count } of report.refusals)
    figures.add({ node, group: 'refused', kind: '', place: reason, what: '', rule }, Number(count));
  for (const day of report.departments)
    for (const what of DEPARTMENT_FIGURES)
      figures.add(departmentFigure(node, day.receivingDeptCode, what), Number(day[what]));
  for (const { count } of report.mappingDefects)
    figures.add(nodeFigure(node, 'mapping defects'), Number(count));
  figures.add(nodeFigure(node, 'non-public gone up'), Number(report.nonPublicGoneUp));
}

/** Name of a class, such as `LICENCE`. */
export function kindName(kind: MessageKind): string {
  return MessageKind[kind];
}
