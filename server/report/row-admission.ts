import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  EnvelopeSchema,
  Operation,
  type Envelope,
  type Finding,
} from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { NOTHING, type Principal } from '../domain/access/principal.js';
import { barrierTo } from '../domain/access/reporting.js';
import { fromRow, type Misfit } from '../dictionary/from-row.js';
import { errorFinding, hasError } from '../domain/finding.js';
import { quote } from '../domain/validation/quotation.js';
import type { ValidationContext } from '../domain/validation/validator.js';
import { admitRecord, validationError, type Admission } from '../intake/admission.js';
import type { ReportRow } from '../storage/report-rows.js';
import type { ReportTable } from './tables.js';

/**
 * A row of the 上报库 as a record asking to be accepted, judged by the same validator as one that
 * came through the interface (R51). What the table itself adds to the judgement: values that the
 * field cannot take, a sender other than the one whose login wrote the row, and an authority for
 * which that one does not act (VR23). `actsFor`: the authorities whose registered data unit it is.
 *
 * The same row gives the same bytes every time, so that reading it again after a crash gives the
 * same receipt and applies nothing twice.
 */
export function admitRow(
  row: ReportRow,
  table: ReportTable,
  context: ValidationContext,
  actsFor: readonly string[],
): Admission {
  const { init, misfits } = fromRow(row.values, table.columns);
  const record = recordOf(init, row, table, context.node);
  const admission = admitRecord(record, context);
  const own = [...misfits.map(misfitFinding), ...senderFindings(row, admission)];
  const barred = own.length === 0 ? authorityFindings(row, table, admission, actsFor) : [];
  if (own.length === 0 && barred.length === 0) return admission;
  // A value that was not read looks like one that is missing: one finding for it is enough.
  const named = new Set(own.map(({ field }) => field));
  const others = admission.findings.filter(({ field }) => !named.has(field));
  const findings = [...own, ...barred, ...others];
  return { ...admission, findings, submission: (call) => refuse(findings, admission, call) };
}

function refuse(
  findings: readonly Finding[],
  admission: Admission,
  call: symbol,
): ReturnType<Admission['submission']> {
  if (hasError(findings)) throw validationError(findings);
  return admission.submission(call);
}

function recordOf(
  init: Readonly<Record<string, unknown>>,
  row: ReportRow,
  table: ReportTable,
  node: string,
): EnterpriseRecord {
  const { envelope, [table.body]: body, ...rest } = init;
  return create(RecordSchema, {
    ...rest,
    envelope: envelopeOf(create(EnvelopeSchema, envelope ?? {}), row, table, node),
    body: { case: table.body, value: body ?? {} },
    // Built by the dictionary, whose fields a test holds against the contract.
  } as MessageInitShape<typeof RecordSchema>);
}

/** What a row need not state: its key and sender stand in other columns, its node is this one. */
function envelopeOf(
  envelope: Envelope,
  row: ReportRow,
  table: ReportTable,
  node: string,
): Envelope {
  const authority = textOf(row.values[table.authorityColumn]);
  const byVersion = envelope.recordVersion > 1n ? Operation.UPDATE : Operation.INSERT;
  const stated = textOf(row.values['operation']) !== '';
  return {
    ...envelope,
    businessKey: envelope.businessKey || textOf(row.values[table.keyColumn]),
    operation: stated ? envelope.operation : byVersion,
    sourceNode: envelope.sourceNode || node,
    sourceOrg: envelope.sourceOrg || (row.writer ?? authority),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function misfitFinding({ column, value }: Misfit): Finding {
  const { term, name, type } = column.field;
  const shown = quote(value);
  const expected = {
    zh: type === 'choice' ? '不在代码表中' : '格式不符',
    en: type === 'choice' ? 'is not in the code list' : 'has the wrong form',
  };
  return errorFinding(
    type === 'choice' ? 'VR10' : 'R51',
    column.fieldPath,
    type === 'choice' ? 'CODE_UNKNOWN' : 'COLUMN_VALUE',
    {
      zh: `${term}(${name})“${shown.zh}”${expected.zh}。请按数据项字典填写后另行插入一行。`,
      en: `${name} "${shown.en}" ${expected.en}. Write it as the field dictionary says and insert a new row.`,
    },
  );
}

/** In a foreign database nobody is registered as writer: its address was configured, and is trusted. */
function senderFindings({ writer }: ReportRow, { head }: Admission): Finding[] {
  if (writer === null || head.sourceOrg === writer) return [];
  return [
    errorFinding('VR23', 'envelope.source_org', 'NOT_THE_AUTHORITY', {
      zh: `报送单位与写入账号所属单位(${writer})不一致。该列可不填写。`,
      en: `The sender is not the organisation of the login (${writer}). The column may be left empty.`,
    }),
  ];
}

/** What the validator takes from the row itself, the register must confirm: whose data unit it is. */
function authorityFindings(
  { writer }: ReportRow,
  { body, authorityColumn }: ReportTable,
  { head, findings }: Admission,
  actsFor: readonly string[],
): Finding[] {
  if (writer === null || findings.some(({ rule }) => rule === 'VR23')) return [];
  const scope = { ...NOTHING, actsFor };
  const login: Principal = { role: 'department', code: writer, scope };
  const barrier = barrierTo(login, { ...head, regOrg: '' });
  if (!barrier) return [];
  return [errorFinding('VR23', `${body}.${authorityColumn}`, 'NOT_THE_AUTHORITY', barrier.text)];
}
