import type { JsonValue } from '@bufbuild/protobuf';
import { Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { HubClientError } from '../clients/hub-client-error.js';
import { both, ExitCode, UsageError, type Answer } from './answer.js';
import { AwayError, LocalError } from './local.js';
import { factsOf, tableOf } from './table.js';

/** What failed, in both languages, with every finding as a row; never a stack. */
export function explainFailure(error: unknown, server: string): Answer {
  if (error instanceof HubClientError)
    return isUnreachable(error) ? explainUnreachable(error, server) : explainRefusal(error);
  if (error instanceof UsageError)
    return failure(ExitCode.USAGE, { code: 'USAGE', zh: error.zh, en: error.en });
  if (error instanceof AwayError)
    return failure(ExitCode.UNREACHABLE, { code: 'UNAVAILABLE', zh: error.zh, en: error.en });
  if (error instanceof LocalError)
    return failure(ExitCode.FOUND, { code: 'NOT_DONE', zh: error.zh, en: error.en });
  if (isFileError(error)) return explainFile(error);
  const what = error instanceof Error ? error.message : String(error);
  return failure(ExitCode.FOUND, {
    code: 'INTERNAL',
    zh: `命令行内部错误:${what}`,
    en: `a defect of the command line: ${what}`,
  });
}

/** Codes after which the same call may succeed later, and nothing is wrong with what was sent. */
const FOR_NOW: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
]);

/** Whether the node can't be reached, or takes nothing for now. A request that is too large is no such case. */
function isUnreachable({ codeName, reason }: HubClientError): boolean {
  if (codeName === 'RESOURCE_EXHAUSTED') return reason !== undefined;
  return FOR_NOW.has(codeName);
}

interface Told {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly findings?: readonly Finding[];
  readonly metadata?: Readonly<Record<string, string>>;
}

function failure(exitCode: ExitCode, told: Told): Answer {
  const { code, zh, en, findings = [], metadata = {} } = told;
  const error = { reason: code, messageZh: zh, messageEn: en, metadata };
  const json: JsonValue = { error: { ...error, findings: findings.map(findingJson) } };
  const head = factsOf([['原因 reason', code], ['', zh], ['', en], ...Object.entries(metadata)]);
  const text = [head, findingsTable(findings)].filter((one) => one !== '').join('\n\n');
  return { json, text, exitCode };
}

function explainRefusal(error: HubClientError): Answer {
  const { reason, codeName, messageZh: zh, messageEn: en, findings, metadata } = error;
  return failure(ExitCode.FOUND, { code: reason ?? codeName, zh, en, findings, metadata });
}

function explainUnreachable(error: HubClientError, server: string): Answer {
  const { reason, codeName, messageZh, messageEn } = error;
  if (reason !== undefined)
    return failure(ExitCode.UNREACHABLE, { code: reason, zh: messageZh, en: messageEn });
  return failure(ExitCode.UNREACHABLE, {
    code: codeName,
    zh: `无法连接节点 ${server}。请确认它已启动(npx hub start),并核对 --server 或 HUB_SERVER;节点使用 TLS 时,以 --ca 给出其证书签发机构。`,
    en: `No node answers at ${server}. Is it running (npx hub start), and are --server or HUB_SERVER right? A node with TLS wants --ca, who signed its certificate.`,
  });
}

function isFileError(error: unknown): error is NodeJS.ErrnoException & { path: string } {
  return error instanceof Error && 'code' in error && 'path' in error;
}

function explainFile({ code = 'FILE', path }: NodeJS.ErrnoException & { path: string }): Answer {
  return failure(ExitCode.USAGE, {
    code,
    zh: `无法读写文件 ${path}(${code})。`,
    en: `The file ${path} can't be read or written (${code}).`,
  });
}

/** A finding for a program to read. */
function findingJson(finding: Finding) {
  const { rule, field, code, messageZh, messageEn } = finding;
  return { severity: levelOf(finding), rule, field, code, messageZh, messageEn };
}

/** `ERROR` or `WARNING`. */
export function levelOf({ severity }: Pick<Finding, 'severity'>): string {
  return severity === Severity.WARNING ? 'WARNING' : 'ERROR';
}

/** Findings, one row each, both languages under each other; '' when there are none. */
export function findingsTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => [
    levelOf(finding) === 'ERROR' ? both('错误', 'error') : both('提示', 'warning'),
    finding.rule,
    finding.field,
    `${finding.messageZh}\n${finding.messageEn}`,
  ]);
  return tableOf(['级别 severity', '规则 rule', '字段 field', '怎样改 how to mend'], rows);
}
