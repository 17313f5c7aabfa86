import { create } from '@bufbuild/protobuf';
import { FindingSchema, Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import type { Bilingual } from './errors.js';

/** A finding that refuses the message. `field` is a proto path; empty means the whole message. */
export function errorFinding(rule: string, field: string, code: string, text: Bilingual): Finding {
  return create(FindingSchema, {
    rule,
    field,
    code,
    severity: Severity.ERROR,
    messageZh: text.zh,
    messageEn: text.en,
  });
}

/** A finding that is kept with the accepted message. */
export function warningFinding(
  rule: string,
  field: string,
  code: string,
  text: Bilingual,
): Finding {
  return { ...errorFinding(rule, field, code, text), severity: Severity.WARNING };
}

/** Whether any finding refuses the message. */
export function hasError(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === Severity.ERROR);
}
