import { Severity, type Finding, type Refusal } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReasonSchema } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Settled } from '../../clients/settled.js';
import { nameOf } from '../words.js';
import type { RowFinding } from './findings-file.js';
import type { Prepared } from './message.js';
import type { Tally } from './state-file.js';

/** What became of a row. */
export interface Verdict {
  readonly outcome: 'accepted' | 'duplicate' | 'refused';
  readonly findings: readonly RowFinding[];
  /** The row was given its 数据汇总时间. */
  readonly undated: boolean;
}

/** Heading of a column of the dictionary, as the file has it. */
export type TitleOf = (columnName: string) => string;

/** What the node answered to a row. */
export function verdictOf(settled: Settled<Prepared>, titleOf: TitleOf): Verdict {
  const { message: row } = settled;
  if (!settled.accepted) return refusedWith(row, settled.refusal, titleOf);
  const findings = rowFindings(row, settled.warnings, '', titleOf);
  const outcome = settled.receipt.duplicate ? 'duplicate' : 'accepted';
  return { outcome, findings, undated: row.undated };
}

function refusedWith(row: Prepared, refusal: Refusal, titleOf: TitleOf): Verdict {
  const reason = nameOf(ErrorReasonSchema, refusal.reason);
  const { findings, messageZh, messageEn } = refusal;
  const whole = {
    rule: '',
    field: '',
    severity: Severity.ERROR,
    code: reason,
    messageZh,
    messageEn,
  };
  // A refusal that is no matter of single fields has nothing but its own sentence.
  const told = findings.length > 0 ? findings : [whole];
  const rows = rowFindings(row, told, reason, titleOf);
  return { outcome: 'refused', findings: rows, undated: row.undated };
}

/** What was found without the row being taken: by this program, by a check, or both. */
export function judgedAs(row: Prepared, checked: readonly Finding[], titleOf: TitleOf): Verdict {
  // A value that was not read looks like one that is missing: one finding for it is enough.
  const named = new Set(row.findings.map(({ field }) => field));
  const findings = [...row.findings, ...checked.filter(({ field }) => !named.has(field))];
  const refused = findings.some(({ severity }) => severity === Severity.ERROR);
  const reason = refused ? 'VALIDATION_FAILED' : '';
  return {
    outcome: refused ? 'refused' : 'accepted',
    findings: rowFindings(row, findings, reason, titleOf),
    undated: row.undated,
  };
}

function rowFindings(
  { row, messageId }: Prepared,
  findings: readonly RowFinding['finding'][],
  reason: string,
  titleOf: TitleOf,
): RowFinding[] {
  return findings.map((finding) => {
    // `licence.counterpart.uscc`, `permit_items[1].receiving_dept_code`: the column is one of the names.
    const names = finding.field.split('.').map((name) => name.replace(/\[\d+\]$/, ''));
    const title = names.map(titleOf).findLast((one) => one !== '') ?? '';
    return { row, messageId, title, reason, finding };
  });
}

/** The tally with these rows. */
export function tallyOf(before: Tally, verdicts: readonly Verdict[]): Tally {
  const count = (outcome: Verdict['outcome']): number =>
    verdicts.filter((one) => one.outcome === outcome).length;
  const [refused, duplicates] = [count('refused'), count('duplicate')];
  const warned = verdicts.filter(
    ({ outcome, findings }) => outcome !== 'refused' && findings.length > 0,
  ).length;
  return {
    rows: before.rows + verdicts.length,
    accepted: before.accepted + verdicts.length - refused,
    duplicates: before.duplicates + duplicates,
    refused: before.refused + refused,
    warned: before.warned + warned,
    undated: before.undated + verdicts.filter(({ undated }) => undated).length,
  };
}
