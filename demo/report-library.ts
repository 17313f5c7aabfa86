import { setTimeout as pause } from 'node:timers/promises';
import { addressFor } from '../server/node/command-store.js';
import { offboardWriter, onboardWriter } from '../server/report/writers.js';
import { openDatabase, query, type Db } from '../server/storage/database.js';
import { libraryNames } from '../server/storage/library-names.js';
import type { Cast } from './cast.js';
import { ZHEJIANG, type Network } from './nodes.js';
import type { PlannedRecord } from './plan.js';
import { inspection, type RecordForm } from './record-forms.js';
import { plannedRecord } from './records.js';
import type { Refused } from './sending.js';

const LIMIT_MS = 20_000;
const POLL_MS = 200;

/** Three rows of a business system: the second one is wrong and must not hold up the third (R50). */
export function reportRows(cast: Cast): PlannedRecord[] {
  const by = cast.regulators[ZHEJIANG];
  const abouts = [cast.star, ...cast.zhejiang.slice(0, 2)];
  return abouts.map((about, index) => {
    const form: RecordForm = { at: ZHEJIANG, by, about };
    const plan = plannedRecord(ZHEJIANG, about, inspection(form));
    return index === 1 ? inTheFuture(plan) : plan;
  });
}

function inTheFuture(plan: PlannedRecord): PlannedRecord {
  const { body } = plan.record;
  if (body.case === 'inspection') body.value.inspDate = '2999-01-01';
  const refusal = {
    reason: 'VALIDATION_FAILED',
    rules: ['VR8'],
    zh: '上报库:检查日期在未来的一行',
    en: 'a row of the report library: inspected in the future',
  } as const;
  return { ...plan, refusal };
}

/** What a business system read in the table of receipts. */
export interface ReportReading {
  readonly rows: number;
  readonly accepted: number;
  readonly refused: readonly Refused[];
  readonly problems: readonly string[];
}

interface ReceiptRow {
  readonly message_id: string;
  readonly accepted: boolean;
  readonly reason: string | null;
  readonly findings: readonly { rule: string; zh: string; en: string }[];
}

/**
 * 上报库 (R50): takes a business system of 浙江 on, writes the rows with its role by SQL, reads the
 * receipts with the findings of the bad one (R51), and lets it go again.
 */
export async function reportBySql(
  network: Network,
  cast: Cast,
  plans: readonly PlannedRecord[],
): Promise<ReportReading> {
  const { schema } = network.zhejiang;
  const { report } = libraryNames(schema);
  const owner = openDatabase({ url: network.databaseUrl, schema, poolSize: 1 });
  const { code } = cast.regulators[ZHEJIANG];
  try {
    const { role, password } = await onboardWriter(owner, report, code, true);
    const url = addressFor(network.databaseUrl, role, password);
    const writer = openDatabase({ url, schema: report, poolSize: 1 });
    try {
      await insertRows(writer, plans);
      return judge(plans, await receiptsFor(writer, plans.length));
    } finally {
      await writer.destroy();
      await offboardWriter(owner, report, code);
    }
  } finally {
    await owner.destroy();
  }
}

/** One statement, as a business system would write it. */
async function insertRows(writer: Db, plans: readonly PlannedRecord[]): Promise<void> {
  const rows = plans.map(({ record }) => {
    if (record.body.case !== 'inspection') throw new Error('The demo reports inspections.');
    const { counterpart, ...of } = record.body.value;
    return {
      message_id: record.envelope?.messageId ?? '',
      insp_id: of.inspId,
      uscc: counterpart?.uscc ?? '',
      ent_name: counterpart?.entName ?? '',
      reg_org: counterpart?.regOrg ?? '',
      insp_authority_name: of.inspAuthorityName,
      insp_authority_code: of.inspAuthorityCode,
      insp_type: of.inspType,
      insp_way: of.inspWay,
      task_name: of.taskName,
      insp_date: of.inspDate,
      result_codes: of.resultCodes,
      result_text: of.resultText,
    };
  });
  await writer('inspections').insert(rows);
}

async function receiptsFor(writer: Db, count: number): Promise<ReceiptRow[]> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const { rows } = await query<ReceiptRow>(
      writer,
      'select message_id, accepted, reason, findings from receipts order by id',
    );
    if (rows.length >= count || Date.now() > deadline) return rows;
    await pause(POLL_MS);
  }
}

function judge(plans: readonly PlannedRecord[], receipts: readonly ReceiptRow[]): ReportReading {
  const refused: Refused[] = [];
  const problems: string[] = [];
  for (const { at, record, refusal } of plans) {
    const receipt = receipts.find(({ message_id }) => message_id === record.envelope?.messageId);
    const rules = [...new Set((receipt?.findings ?? []).map(({ rule }) => rule))];
    if (receipt?.accepted !== !refusal || (refusal && rules.join() !== refusal.rules.join()))
      problems.push(
        `上报库 report library ${record.envelope?.businessKey ?? ''}: ${receipt?.reason ?? '无回执 no receipt'} [${rules.join(' ')}]`,
      );
    if (!refusal || !receipt) continue;
    const [first] = receipt.findings;
    const told = { messageZh: first?.zh ?? '', messageEn: first?.en ?? '' };
    refused.push({ at, expected: refusal, reason: receipt.reason ?? '', rules, ...told });
  }
  const accepted = receipts.filter((receipt) => receipt.accepted).length;
  return { rows: plans.length, accepted, refused, problems };
}

/** A line of the account. */
export function reportLine({ rows, accepted, refused }: ReportReading): string {
  const findings = refused.map(({ rules }) => rules.join(' ')).join(', ');
  return `上报库 report library: SQL 写入 ${rows} 行 rows, 受理 accepted ${accepted}, 退回 refused ${refused.length} [${findings}] 见回执表 in the receipts table`;
}
