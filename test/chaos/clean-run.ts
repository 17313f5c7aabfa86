import type { History, Sent, Told } from '../../chaos/oracle/history.js';
import type {
  HeldDelivery,
  HeldEnterprise,
  HeldMessage,
  HeldRecord,
  Holdings,
} from '../../chaos/oracle/holdings.js';

/** A run whose arrays a test may change to plant a defect. */
export interface PlantableRun {
  readonly history: { readonly [K in keyof History]: History[K][number][] };
  readonly nodes: Readonly<Record<'national' | 'zhejiang' | 'guangdong', PlantableNode>>;
}

/** A node's holdings with arrays that can be changed. */
export type PlantableNode = {
  -readonly [K in keyof Holdings]: Holdings[K] extends readonly (infer Row)[] ? Row[] : Holdings[K];
};

export const NATIONAL = '100000';
export const ZHEJIANG = '330000';
export const GUANGDONG = '440000';

const USCC = '91330902MA0000018T';
const SENT_AT_MS = 1_700_000_000_000;

/** What happens to the one enterprise: in this order, at 浙江 unless `at` says otherwise. */
const DEEDS: readonly Pick<Sent, 'messageId' | 'deed' | 'at'>[] = [
  { messageId: 'established', at: ZHEJIANG, deed: { type: 'registration', name: '甲' } },
  record('licence-1', 'licence', 1),
  { messageId: 'renamed', at: ZHEJIANG, deed: { type: 'registration', name: '乙' } },
  record('licence-2', 'licence', 2),
  record('secret-1', 'secret', 1, true),
  record('flagged-1', 'flagged', 1),
  mark('flag', 'flagged', 1, true),
  record('cleared-1', 'cleared', 1, true),
  mark('clear', 'cleared', 1, false),
  record('visitor-1', 'visitor', 1, false, GUANGDONG),
];

function record(
  messageId: string,
  name: string,
  version: number,
  marked = false,
  at = ZHEJIANG,
): (typeof DEEDS)[number] {
  return { messageId, at, deed: { type: 'record', record: name, version, marked } };
}

function mark(
  messageId: string,
  name: string,
  version: number,
  nonPublic: boolean,
): (typeof DEEDS)[number] {
  return { messageId, at: ZHEJIANG, deed: { type: 'mark', record: name, version, nonPublic } };
}

/** A history of every kind of message and what three faultless nodes hold afterwards. */
export function cleanRun(): PlantableRun {
  const sent = DEEDS.map((one): Sent => ({
    ...one,
    enterprise: USCC,
    home: ZHEJIANG,
    digest: `digest of ${one.messageId}`,
  }));
  const idsAt = (node: string) => sent.filter(({ at }) => at === node).map((one) => one.messageId);
  const zhejiang = node(ZHEJIANG, [...idsAt(ZHEJIANG), 'visitor-1'], sent);
  const guangdong = node(GUANGDONG, ['visitor-1'], sent);
  const upward = ['established', 'licence-1', 'renamed', 'licence-2', 'cleared-1', 'visitor-1'];
  const national = node(NATIONAL, [...upward, 'flagged-1'], sent);
  withoutContent(national, 'flagged-1');
  for (const one of [zhejiang, national]) one.enterprises.push(enterprise());
  zhejiang.records.push(
    held('licence', { version: 2 }),
    held('secret', { nonPublic: true }),
    held('flagged', { nonPublic: true, revision: 1, changeVersion: 1 }),
    held('cleared', { revision: 1, changeVersion: 1 }),
    held('visitor'),
  );
  guangdong.records.push(held('visitor', { named: false }));
  national.records.push(
    held('licence', { version: 2 }),
    held('flagged', { state: 'withdrawn', nonPublic: true, named: false, revision: 1 }),
    held('cleared', { revision: 1 }),
    held('visitor'),
  );
  const told = sent.flatMap((one) => [receipt(one, zhejiang, guangdong)]);
  const history = { sent, told, refused: [] };
  return { history, nodes: { national, zhejiang, guangdong } };
}

function node(code: string, ids: readonly string[], sent: readonly Sent[]): PlantableNode {
  const messages = ids.map((messageId, index): HeldMessage => ({
    seq: index + 1,
    sourceNode: sent.find((one) => one.messageId === messageId)?.at ?? '',
    messageId,
    digest: `digest of ${messageId}`,
    hasContent: true,
    acceptedAtMs: SENT_AT_MS + index,
  }));
  const deliveries = messages.map(({ seq }): HeldDelivery => ({
    messageSeq: seq,
    destination: code === NATIONAL ? ZHEJIANG : NATIONAL,
    action: 1,
    rule: 'UP-NAMED',
    revision: 0,
    state: 'acknowledged',
    lastError: '',
  }));
  return {
    node: code,
    national: code === NATIONAL,
    messages,
    enterprises: [],
    records: [],
    deliveries,
    packages: [{ messageSeq: 1, department: '330000000M660' }],
    secretPlaces: [],
    chainProblems: [],
  };
}

function withoutContent(at: PlantableNode, messageId: string): void {
  change(at.messages, (one) => one.messageId === messageId, { hasContent: false });
}

function enterprise(): HeldEnterprise {
  return { uscc: USCC, name: '乙', formerNames: ['甲'] };
}

function held(name: string, fields: Partial<HeldRecord> = {}): HeldRecord {
  return {
    record: name,
    version: 1,
    state: 'current',
    nonPublic: false,
    named: true,
    revision: 0,
    changeVersion: 0,
    ...fields,
  };
}

function receipt(sent: Sent, ...nodes: readonly PlantableNode[]): Told {
  const at = nodes.find((one) => one.node === sent.at);
  const stored = at?.messages.find((one) => one.messageId === sent.messageId);
  return {
    messageId: sent.messageId,
    sourceNode: sent.at,
    receiptNo: `${sent.at}-${stored?.seq ?? 0}`,
    node: sent.at,
    digest: sent.digest,
    acceptedAtMs: stored?.acceptedAtMs ?? 0,
    effect: 'APPLIED',
    duplicate: false,
    signatureProblem: '',
  };
}

/** Replaces fields of the rows that fit; fails when none does, as the test would then prove nothing. */
export function change<Row extends object>(
  rows: Row[],
  fits: (row: Row) => boolean,
  fields: Partial<Row>,
): void {
  const index = rows.findIndex(fits);
  const row = rows[index];
  if (!row) throw new Error('There is no row to change.');
  rows[index] = { ...row, ...fields };
}

/** Takes the rows out that fit; fails when none does. */
export function remove<Row>(rows: Row[], fits: (row: Row) => boolean): void {
  const index = rows.findIndex(fits);
  if (index < 0) throw new Error('There is no row to remove.');
  rows.splice(index, 1);
}
