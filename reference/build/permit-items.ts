import { PILOT_START, readTable, required, type OutputRow } from './tables.js';

export const PERMIT_ITEM_COLUMNS = [
  'permit_item_code',
  'name',
  'list_no',
  'set_level',
  'owner_node',
  'reform_mode',
  'reform_mode_basis',
  'public_interest_reasons',
  'competent_dept_code',
  'competent_dept_name',
  'default_authority_system',
  'licence_name',
  'legal_basis',
  'effective_from',
  'effective_to',
  'provisional',
  'provenance',
];

/** A permit item with what the other tables need to know of it. */
export interface PermitItemSource {
  readonly seq: string;
  readonly code: string;
  readonly system: string;
  readonly reformMode: string;
  readonly competentCode: string;
  readonly competentName: string;
  /** Department lines of `raw/department-lines.csv`; empty when a central department decides. */
  readonly lines: readonly string[];
  readonly row: OutputRow;
}

type RawItem = ReturnType<typeof readRawItems>[number];
type Decision = ReturnType<typeof readDecisions>[number];

const MODES = new Map([
  ['直接取消审批', '1'],
  ['审批改为备案', '2'],
  ['实行告知承诺', '3'],
  ['优化审批服务', '4'],
]);

/** 442 of the 523 items are 优化审批服务, so that is what an item without a stated mode gets. */
const ASSUMED_MODE = '4';

/** The items of the central catalogue: rows of the partial lists, merged as decided by hand. */
export function collectPermitItems(): PermitItemSource[] {
  const raw = new Map(readRawItems().map((item) => [item.seq, item]));
  const departments = new Map(
    readTable('central-departments.csv', ['dept_code', 'name']).map((r) => [r.name, r.dept_code]),
  );
  const decisions = readDecisions();
  assertEveryRowDecided(raw, decisions);
  return decisions.map((decision) => toItem(decision, raw, departments));
}

function readRawItems() {
  return readTable('raw/permit-items-partial.csv', [
    'seq',
    'list',
    'department',
    'item_name',
    'licence_document',
    'legal_basis',
    'approval_authority',
    'reform_mode',
    'reform_measures',
    'source',
  ]);
}

function readDecisions() {
  return readTable('raw/permit-item-decisions.csv', [
    'seq',
    'merged_seqs',
    'mode_from_seq',
    'mode_reading',
    'system',
    'competent',
    'lines',
    'note',
  ]);
}

function toItem(
  decision: Decision,
  raw: ReadonlyMap<string, RawItem>,
  departments: ReadonlyMap<string, string>,
): PermitItemSource {
  const rawItem = (seq: string): RawItem => required(raw.get(seq), `item ${seq}`);
  const kept = rawItem(decision.seq);
  const merged = split(decision.merged_seqs).map(rawItem);
  const mode = decision.mode_from_seq ? statedMode(rawItem(decision.mode_from_seq), decision) : '';
  const code = `PX-${kept.seq.padStart(4, '0')}`;
  const competentCode = required(departments.get(decision.competent), decision.competent);
  const reformMode = mode || ASSUMED_MODE;
  return {
    seq: kept.seq,
    code,
    system: decision.system,
    reformMode,
    competentCode,
    competentName: decision.competent,
    lines: split(decision.lines),
    row: {
      permit_item_code: code,
      name: kept.item_name,
      set_level: 'CENTRAL',
      owner_node: '100000',
      reform_mode: reformMode,
      reform_mode_basis: mode ? 'STATED' : 'ASSUMED',
      competent_dept_code: competentCode,
      competent_dept_name: decision.competent,
      default_authority_system: decision.system,
      licence_name: kept.licence_document,
      legal_basis: legalBases([kept, ...merged]).join(';'),
      effective_from: PILOT_START,
      provisional: 'true',
      provenance: provenanceOf(decision, kept, merged, rawItem),
    },
  };
}

/** TEXT: the mode the row states; BEFORE: the mode it says the item had (由…调整为…). */
function statedMode(item: RawItem, decision: Decision): string {
  const stated =
    decision.mode_reading === 'BEFORE'
      ? /由(.+?)调整为/.exec(item.reform_measures)?.[1]
      : item.reform_mode;
  return required(MODES.get(stated ?? ''), `mode of item ${item.seq}`);
}

function legalBases(items: readonly RawItem[]): string[] {
  const laws = items.flatMap((item) => item.legal_basis.match(/《[^》]+》(（[^）]*）)?/g) ?? []);
  return [...new Set(laws)];
}

function provenanceOf(
  decision: Decision,
  kept: RawItem,
  merged: readonly RawItem[],
  rawItem: (seq: string) => RawItem,
): string {
  return [
    `${kept.list}：${kept.source}`,
    ...merged.map((item) => `并入“${item.item_name}”（${item.list}）`),
    decision.mode_from_seq
      ? modeProvenance(rawItem(decision.mode_from_seq), decision)
      : '改革方式未见原文，按多数事项暂定为优化审批服务',
    ...(decision.note ? [decision.note] : []),
    '事项代码为暂定',
  ].join('；');
}

function modeProvenance(from: RawItem, decision: Decision): string {
  const reading = decision.mode_reading === 'BEFORE' ? '，取调整前的方式' : '';
  const measures = from.reform_measures ? `（${from.reform_measures}${reading}）` : '';
  return `改革方式依据：${from.list}，${from.source}${measures}`;
}

/** Every raw row is kept, merged into another or excluded with a reason; nothing falls through. */
function assertEveryRowDecided(
  raw: ReadonlyMap<string, RawItem>,
  decisions: readonly Decision[],
): void {
  const excluded = readTable('raw/permit-item-exclusions.csv', ['seq']).map((row) => row.seq);
  const decided = new Set([
    ...excluded,
    ...decisions.flatMap((decision) => [decision.seq, ...split(decision.merged_seqs)]),
  ]);
  const open = [...raw.keys()].filter((seq) => !decided.has(seq));
  if (open.length > 0) throw new Error(`raw tables: items ${open.join(', ')} not decided`);
}

function split(cell: string): string[] {
  return cell === '' ? [] : cell.split(';');
}
