import { readFileSync } from 'node:fs';
import { create, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { Code } from '#gen/google/rpc/code_pb.js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from '#gen/google/rpc/error_details_pb.js';
import {
  FindingSchema,
  RefusalSchema,
  Severity,
  type Finding,
} from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason, ErrorReasonSchema } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError, notFound } from '../../server/domain/errors.js';
import { detailsOf, type Detail } from '../../server/doors/error-details.js';
import { CODE_OF_REASON, refusalOf, toHubError, type Defect } from '../../server/doors/errors.js';
import { grpcStatusOf } from '../../server/doors/grpc-status.js';
import { grpcErrorOf } from '../../clients/grpc-error.js';

const PROTO = new URL('../../proto/zhengzhao/v1/error_reason.proto', import.meta.url);

function finding(index: number, severity = Severity.ERROR): Finding {
  return create(FindingSchema, {
    rule: 'VR2',
    field: `permit_items[${index}].receiving_dept_code`,
    severity,
    code: 'USCC_CHECK_DIGIT',
    messageZh: '统一社会信用代码的校验位不正确,请核对第十八位。',
    messageEn: 'The check digit of the unified social credit code is wrong; check position 18.',
  });
}

function invalid(findings: readonly Finding[]): HubError {
  const text = { zh: '校验未通过。', en: 'Validation failed.' };
  return new HubError(ErrorReason.VALIDATION_FAILED, text, { findings });
}

function pick<D extends DescMessage>(details: readonly Detail[], desc: D): MessageShape<D>[] {
  return details
    .filter((detail) => detail.desc.typeName === desc.typeName)
    .map((detail) => detail.value as MessageShape<D>);
}

describe('the status code of a reason', () => {
  const documented = [
    ...readFileSync(PROTO, 'utf8').matchAll(/\(([A-Z_]+)\)[^=]*?ERROR_REASON_([A-Z_]+) = \d+;/gs),
  ];

  test('is written in the contract for every reason but the unused one', () => {
    const names = documented.map(([, , name]) => name).sort();
    const all = ErrorReasonSchema.values.map(({ localName }) => localName);
    expect(names).toEqual(all.filter((name) => name !== 'UNSPECIFIED').sort());
  });

  test.each(documented.map(([, code, reason]) => [reason, code] as const))(
    '%s is %s, as the contract says',
    (reason, code) => {
      const value = ErrorReason[reason as keyof typeof ErrorReason];
      expect(Code[CODE_OF_REASON[value]]).toBe(code);
    },
  );
});

describe('details of an error', () => {
  test('hold the reason, both languages, and every finding with its rule', () => {
    const details = detailsOf(invalid([finding(0), finding(1, Severity.WARNING)]));
    expect(pick(details, ErrorInfoSchema)).toMatchObject([
      { reason: 'VALIDATION_FAILED', domain: 'zhengzhao.v1' },
    ]);
    expect(pick(details, LocalizedMessageSchema)).toMatchObject([
      { locale: 'zh-CN', message: '校验未通过。' },
      { locale: 'en', message: 'Validation failed.' },
    ]);
    const [badRequest] = pick(details, BadRequestSchema);
    expect(badRequest?.fieldViolations).toMatchObject([
      { field: 'permit_items[0].receiving_dept_code', reason: 'USCC_CHECK_DIGIT' },
      { field: 'permit_items[1].receiving_dept_code' },
    ]);
    expect(badRequest?.fieldViolations[0]?.description).toMatch(/校验位.* \/ The check digit/);
    expect(pick(details, RefusalSchema)[0]?.findings).toMatchObject([
      { rule: 'VR2', severity: Severity.ERROR },
      { rule: 'VR2', severity: Severity.WARNING },
    ]);
    expect(pick(details, RetryInfoSchema)).toEqual([]);
  });

  test('stay within a header, however long the text that a caller made up', () => {
    const long = '字'.repeat(70_000);
    const error = new HubError(
      ErrorReason.NOT_FOUND,
      { zh: long, en: `${long}😀` },
      { metadata: { version: long } },
    );
    const { metadata, details } = withStatus(error);
    expect(metadata.get('grpc-status-details-bin')[0]?.length).toBeLessThan(6_000);
    expect(encodeURI(details).length).toBeLessThan(1_000);
  });

  test('say when to try again, for a full backlog as told and else after a second', () => {
    const text = { zh: '积压已满。', en: 'The backlog is full.' };
    const told = new HubError(ErrorReason.BACKLOG_FULL, text, { retryAfterMs: 2500.2 });
    const untold = new HubError(ErrorReason.UNAVAILABLE, text);
    const delays = [told, untold].map((error) => pick(detailsOf(error), RetryInfoSchema)[0]);
    expect(delays.map((info) => info?.retryDelay && durationMs(info.retryDelay))).toEqual([
      2501, 1000,
    ]);
  });
});

describe('a gRPC status', () => {
  /** What a client counts: names, values in base64, and 32 bytes for each entry. */
  function headerBytes(error: HubError): number {
    const { metadata, details = '' } = grpcStatusOf(error);
    const encoded = metadata?.get('grpc-status-details-bin')[0] as Buffer;
    const entries = [
      ['grpc-status', '3'],
      ['grpc-message', encodeURI(details)],
      ['grpc-status-details-bin', encoded.toString('base64')],
    ];
    return entries.reduce((sum, [name, value]) => sum + name!.length + value!.length + 32, 0);
  }

  test.each([0, 1, 3, 10, 60, 500])('with %i findings stays below the 8 KB of clients', (count) => {
    const findings = Array.from({ length: count }, (_, index) => finding(index));
    expect(headerBytes(invalid(findings))).toBeLessThan(8000);
  });

  test('lists all of twenty findings, the first with their texts', () => {
    const findings = Array.from({ length: 20 }, (_, index) => finding(index));
    const error = grpcErrorOf(withStatus(invalid(findings)));
    expect(error.findings.map(({ field }) => field)).toEqual(findings.map(({ field }) => field));
    expect(error.findings[0]?.messageZh).toBe(findings[0]?.messageZh);
    expect(error.findings[19]?.messageZh).toBe('');
    expect(error.findingsTotal).toBe(20);
  });

  test('cuts a very long list after its errors and tells how many there were', () => {
    const warnings = Array.from({ length: 300 }, (_, index) => finding(index, Severity.WARNING));
    const error = grpcErrorOf(withStatus(invalid([...warnings, finding(999)])));
    expect(error.findings[0]).toMatchObject({ severity: Severity.ERROR, rule: 'VR2' });
    expect(error.findings.length).toBeGreaterThan(20);
    expect(error.findings.length).toBeLessThan(301);
    expect(error.findingsTotal).toBe(301);
  });

  test('carries a message with half a surrogate pair, which grpc-js cannot encode', () => {
    const { details } = grpcStatusOf(notFound('企业\ud83d', 'enterprise'));
    expect(details).toContain('未找到企业\ufffd');
    expect(() => encodeURI(details ?? '')).not.toThrow();
  });

  test('shortens a message that percent-encoding would make too long', () => {
    const { details = '' } = grpcStatusOf(notFound('照'.repeat(500), 'x'));
    expect(encodeURI(details).length).toBeLessThanOrEqual(900);
    expect(details.endsWith('照…')).toBe(true);
  });
});

function withStatus(error: HubError) {
  const { code = 0, details = '', metadata } = grpcStatusOf(error);
  if (metadata === undefined) throw new Error('a status without metadata');
  return { code, details, metadata };
}

describe('something thrown that is no HubError', () => {
  test('becomes INTERNAL with an incident, and its cause goes to the log alone', () => {
    const defects: Defect[] = [];
    const cause = new Error('password=hunter2');
    const error = toHubError(cause, (defect) => defects.push(defect), '/a.B/C');
    const incident = error.details.metadata?.['incident'] ?? '';
    expect(error.reason).toBe(ErrorReason.INTERNAL);
    expect(incident).toMatch(/^[0-9a-f-]{36}$/);
    expect(defects).toEqual([{ incident, where: '/a.B/C', cause }]);
    expect(JSON.stringify([error.text, error.details.metadata])).not.toContain('hunter2');
  });

  test.each([
    ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
    ['a server that shuts down', Object.assign(new Error('x'), { code: '57P01' })],
    ['a primary that became a standby', Object.assign(new Error('x'), { code: '25006' })],
    ['a full disk', Object.assign(new Error('x'), { code: '53100' })],
    ['a deadlock', Object.assign(new Error('x'), { code: '40P01' })],
    ['a lost connection', new Error('Connection terminated unexpectedly')],
  ])('is UNAVAILABLE when it is %s of the database', (_, cause) => {
    const error = toHubError(cause, () => expect.unreachable('no defect'), '/a.B/C');
    expect(error.reason).toBe(ErrorReason.UNAVAILABLE);
    expect(pick(detailsOf(error), RetryInfoSchema)).toHaveLength(1);
  });

  test('is a refusal with the same incident in a batch', () => {
    const defects: Defect[] = [];
    const error = toHubError(new TypeError('x'), (defect) => defects.push(defect), 'accept');
    const refusal = refusalOf(error);
    expect(refusal.reason).toBe(ErrorReason.INTERNAL);
    expect(refusal.messageZh).toContain(defects[0]?.incident);
    expect(refusal.retryAfterMs).toBe(0n);
  });
});

test('a refusal in a batch carries reason, texts, findings and the wait', () => {
  const refused = refusalOf(invalid([finding(0)]));
  expect(refused).toMatchObject({
    reason: ErrorReason.VALIDATION_FAILED,
    messageZh: '校验未通过。',
    messageEn: 'Validation failed.',
    findings: [{ rule: 'VR2' }],
    retryAfterMs: 0n,
  });
  const text = { zh: '前序受阻。', en: 'Blocked by an earlier message.' };
  const blocked = new HubError(ErrorReason.BLOCKED_BY_EARLIER, text, { retryAfterMs: 3000 });
  expect(refusalOf(blocked).retryAfterMs).toBe(3000n);
});
