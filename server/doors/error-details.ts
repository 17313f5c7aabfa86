import { create, toBinary, type DescMessage, type Message } from '@bufbuild/protobuf';
import { anyPack, AnySchema, DurationSchema } from '@bufbuild/protobuf/wkt';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
  type BadRequest,
} from '#gen/google/rpc/error_details_pb.js';
import {
  FindingSchema,
  RefusalSchema,
  Severity,
  type Finding,
} from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { inBoth, type HubError } from '../domain/errors.js';
import { refusalOf, retryAfterMsOf } from './errors.js';

/** Domain of `google.rpc.ErrorInfo`. */
const ERROR_DOMAIN = 'zhengzhao.v1';

/** One detail of an error with its schema. */
export interface Detail {
  readonly desc: DescMessage;
  readonly value: Message;
}

/** The sentence that goes beside the status code: Chinese first, then English. */
export function errorMessage(error: HubError): string {
  return inBoth(error.text);
}

/**
 * The details of an error: ErrorInfo, RetryInfo when trying again helps, LocalizedMessage in both
 * languages, and with findings BadRequest and Refusal, which list all of them.
 */
export function detailsOf(error: HubError): Detail[] {
  const findings = error.details.findings ?? [];
  return [...commonDetails(error), ...findingDetails(error, badRequest(findings), findings)];
}

/**
 * The same in at most `maxBytes`, for a door that sends details in a header, where many clients
 * stop at 8 KB. Errors come before warnings. What goes first is the text doubled in BadRequest,
 * then the texts of the last findings, then the last findings; `metadata.findingsTotal` tells.
 */
export function detailsWithin(error: HubError, maxBytes: number): Detail[] {
  const full = detailsOf(error);
  const findings = error.details.findings ?? [];
  if (findings.length === 0 || sizeOf(full) <= maxBytes) return full;
  const common = commonDetails(error, { findingsTotal: String(findings.length) });
  const frame = findingDetails(error, create(BadRequestSchema), []);
  const fitting = fitFindings(findings, maxBytes - sizeOf([...common, ...frame]));
  const named = fitting.map((finding) => withoutText(finding));
  return [...common, ...findingDetails(error, badRequest(named), fitting)];
}

function commonDetails(error: HubError, extra: Record<string, string> = {}): Detail[] {
  const info = create(ErrorInfoSchema, {
    reason: ErrorReason[error.reason],
    domain: ERROR_DOMAIN,
    metadata: { ...error.details.metadata, ...extra },
  });
  return [
    { desc: ErrorInfoSchema, value: info },
    ...retryDetails(retryAfterMsOf(error)),
    localized('zh-CN', error.text.zh),
    localized('en', error.text.en),
  ];
}

function retryDetails(retryAfterMs: number | undefined): Detail[] {
  if (retryAfterMs === undefined) return [];
  const whole = Math.max(0, Math.ceil(retryAfterMs));
  const retryDelay = create(DurationSchema, {
    seconds: BigInt(Math.floor(whole / 1000)),
    nanos: (whole % 1000) * 1_000_000,
  });
  return [{ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) }];
}

function localized(locale: string, message: string): Detail {
  return {
    desc: LocalizedMessageSchema,
    value: create(LocalizedMessageSchema, { locale, message }),
  };
}

function findingDetails(
  error: HubError,
  violations: BadRequest,
  findings: readonly Finding[],
): Detail[] {
  const refusal = { ...refusalOf(error), findings: [...findings] };
  const details: Detail[] = [{ desc: RefusalSchema, value: refusal }];
  if (violations.fieldViolations.length === 0) return details;
  return [{ desc: BadRequestSchema, value: violations }, ...details];
}

function badRequest(findings: readonly Finding[]): BadRequest {
  return create(BadRequestSchema, {
    fieldViolations: findings.map((finding) => ({
      field: finding.field,
      description: inBoth({ zh: finding.messageZh, en: finding.messageEn }),
      reason: finding.code || finding.rule,
    })),
  });
}

function withoutText(finding: Finding): Finding {
  return create(FindingSchema, { ...finding, messageZh: '', messageEn: '' });
}

function fitFindings(findings: readonly Finding[], budget: number): Finding[] {
  const ordered = [...findings].sort((a, b) => rank(a) - rank(b));
  const brief = ordered.map((finding) => withoutText(finding));
  let left = budget;
  const fitting: Finding[] = [];
  for (const finding of brief) {
    left -= costOf(finding) + costOfViolation(finding);
    if (left < 0) break;
    fitting.push(finding);
  }
  return spellOut(ordered, fitting, Math.max(0, left));
}

/** Gives the first findings their texts back, as long as there is room. */
function spellOut(ordered: readonly Finding[], brief: readonly Finding[], room: number): Finding[] {
  let left = room;
  return brief.map((short, index) => {
    const whole = ordered[index] ?? short;
    left -= costOf(whole) - costOf(short);
    return left < 0 ? short : whole;
  });
}

function rank(finding: Finding): number {
  return finding.severity === Severity.ERROR ? 0 : 1;
}

/** A nested message costs its bytes, a tag and a length of at most three bytes. */
const NESTING_BYTES = 4;

function costOf(finding: Finding): number {
  return toBinary(FindingSchema, finding).length + NESTING_BYTES;
}

function costOfViolation(finding: Finding): number {
  return toBinary(BadRequestSchema, badRequest([finding])).length + NESTING_BYTES;
}

function sizeOf(details: readonly Detail[]): number {
  const bytes = (detail: Detail) =>
    toBinary(AnySchema, anyPack(detail.desc, detail.value)).length + NESTING_BYTES;
  return details.reduce((sum, detail) => sum + bytes(detail), 0);
}
