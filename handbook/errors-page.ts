import type { DescEnumValue } from '@bufbuild/protobuf';
import { codeToHttpStatus } from '@connectrpc/connect/protocol-connect';
import { Code } from '#gen/google/rpc/code_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { CODE_OF_REASON } from '../server/doors/errors.js';
import { FINDING_TEXTS } from '../server/domain/validation/finding-texts.js';
import { linesOf, type Contract } from './contract.js';
import { MADE, tableOf } from './markdown.js';

/** What the contract says of a reason. */
export interface ReasonText {
  readonly reason: string;
  /** 名称. */
  readonly name: string;
  readonly causeZh: string;
  readonly causeEn: string;
  readonly cureZh: string;
  readonly cureEn: string;
}

/** Every reason with its status, cause and cure, and every finding of the validator. */
export function errorsPage({ enums }: Contract): string {
  const reasons = enums.find(({ name }) => name === 'ErrorReason')?.values ?? [];
  const findings = Object.entries(FINDING_TEXTS).map(([code, { rule, severity, zh, en }]) => [
    `\`${code}\``,
    rule,
    severity === 'ERROR' ? '退回 refused' : '提示 warning',
    `${zh} ${en}`,
  ]);
  return [
    MADE,
    '# 错误与处理 · Errors, their causes and cures',
    '每个错误以 `google.rpc.ErrorInfo.reason` 给出稳定的原因代码(`domain: zhengzhao.v1`),各接口相同。',
    'Every error has a stable reason in `google.rpc.ErrorInfo.reason` (`domain: zhengzhao.v1`), the same through every door.',
    ...reasons.filter(({ number }) => number !== 0).map((value) => section(value)),
    '## 校验发现 · Findings',
    '`VALIDATION_FAILED` 和提示中的 `code`;花括号处填入实际内容。',
    'The `code` of findings, with what they say; braces are filled in.',
    tableOf(['code', '规则 rule', '后果', '内容'], findings),
  ].join('\n\n');
}

function section(value: DescEnumValue): string {
  const { reason, name, causeZh, causeEn, cureZh, cureEn } = reasonText(value);
  const code = CODE_OF_REASON[value.number as ErrorReason];
  return [
    `## ${reason}`,
    `${name} · gRPC \`${Code[code]}\` (${code}) · HTTP ${codeToHttpStatus(code as number)}`,
    `- 原因:${causeZh} Cause: ${causeEn}\n- 处理:${cureZh} Cure: ${cureEn}`,
  ].join('\n\n');
}

/** Reads the comment of a reason. Throws when it lacks a part. */
function reasonText(value: DescEnumValue): ReasonText {
  const comment = linesOf(value).join(' ');
  const pattern = /^(\S+) \((\w+)\): (.+?) 原因:(.+?) Cure: (.+?) 处理:(.+)$/;
  const [, name, status, causeEn, causeZh, cureEn, cureZh] = pattern.exec(comment.trim()) ?? [];
  const reason = ErrorReason[value.number] ?? '';
  const expected = Code[CODE_OF_REASON[value.number as ErrorReason]];
  if (!name || !causeEn || !causeZh || !cureEn || !cureZh || status !== expected)
    throw new Error(`${value.name}: the comment lacks a part, or its status is not ${expected}`);
  return { reason, name, causeZh, causeEn, cureZh, cureEn };
}
