import { extname } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { parse as parseCsv } from 'csv-parse/sync';
import { z } from 'zod';
import {
  AcknowledgePackageRequestSchema,
  type AcknowledgePackageRequest,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import { reportableStatuses } from '../domain/registration/package-state.js';

/** Most receipts of one file. */
const MOST_RECEIPTS = 1_000;

/** What a file says, or everything that is wrong with it, a line each, Chinese and English. */
export interface ReceiptFile {
  /** Without the department, which the package decides. */
  readonly reports: readonly AcknowledgePackageRequest[];
  readonly findings: readonly string[];
}

const statusNames = reportableStatuses.map((status) => PackageStatus[status] ?? '');
const reasonNames = Object.values(ReturnReason).filter(
  (name): name is keyof typeof ReturnReason => typeof name === 'string' && name !== 'UNSPECIFIED',
);

const missing = '必填 · is required';
const text = z.string({ error: '应为文字 · should be text' }).trim();

const receiptForm = z.strictObject(
  {
    packageId: text.min(1, missing),
    status: z.enum(statusNames, {
      error: `应为 ${statusNames.join('、')} 之一 · should be one of these`,
    }),
    receiptNo: text.optional(),
    reason: z
      .enum(['', ...reasonNames], {
        error: `应为 ${reasonNames.join('、')} 之一 · should be one of these`,
      })
      .optional(),
    reassignedDeptCode: text.optional(),
    reassignedDeptName: text.optional(),
    by: text.min(1, missing),
    note: text.optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `未知字段 ${issue.keys.join('、').slice(0, 100)} · unknown fields`
        : '应为一条回执 · should be a receipt',
  },
);

/**
 * Reads receipts from JSON (one object, or a list) or CSV (names of the fields in the first row).
 * Nothing of a file with findings may be applied.
 */
export function readReceiptFile(name: string, bytes: Uint8Array): ReceiptFile {
  let rows: unknown[];
  try {
    rows = rowsOf(name, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return bad('文件无法读取,应为 UTF-8 的 .json 或 .csv · not readable as UTF-8 .json or .csv');
  }
  if (rows.length === 0) return bad('没有回执 · there is no receipt in it');
  if (rows.length > MOST_RECEIPTS)
    return bad(`最多 ${MOST_RECEIPTS} 条回执 · at most ${MOST_RECEIPTS} receipts`);
  const read = rows.map((row, index) => readReceipt(row, index + 1));
  return {
    reports: read.flatMap(({ report }) => report ?? []),
    findings: read.flatMap(({ findings }) => findings),
  };
}

/** One line of findings about a receipt. `field` empty: about the whole. */
export function findingLine(number: number, field: string, problem: string): string {
  return `第 ${number} 条 · receipt ${number}: ${field === '' ? '' : `${field}: `}${problem}`;
}

function bad(finding: string): ReceiptFile {
  return { reports: [], findings: [finding] };
}

function rowsOf(name: string, content: string): unknown[] {
  if (extname(name).toLowerCase() === '.csv')
    return parseCsv(content, { bom: true, columns: true, trim: true, skip_empty_lines: true });
  if (extname(name).toLowerCase() !== '.json') throw new Error('neither JSON nor CSV');
  const value: unknown = JSON.parse(content);
  return Array.isArray(value) ? value : [value];
}

function readReceipt(
  row: unknown,
  number: number,
): { report?: AcknowledgePackageRequest; findings: string[] } {
  const { success, data, error } = receiptForm.safeParse(row);
  if (!success)
    return {
      findings: error.issues.map((issue) =>
        findingLine(number, issue.path.join('.'), issue.message),
      ),
    };
  return {
    findings: [],
    report: create(AcknowledgePackageRequestSchema, {
      packageId: data.packageId,
      status: PackageStatus[data.status as keyof typeof PackageStatus],
      platformReceiptNo: data.receiptNo ?? '',
      returnReason: data.reason ? ReturnReason[data.reason] : ReturnReason.UNSPECIFIED,
      reassignedDeptCode: data.reassignedDeptCode ?? '',
      reassignedDeptName: data.reassignedDeptName ?? '',
      by: data.by,
      note: data.note ?? '',
    }),
  };
}
