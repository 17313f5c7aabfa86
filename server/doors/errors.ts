import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { Code } from '#gen/google/rpc/code_pb.js';
import { RefusalSchema, type Refusal } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { isOutage } from '../storage/outage.js';
import { isCollision } from '../storage/sql-state.js';

/** The status code of every reason, the same through every door (comments of error_reason.proto). */
export const CODE_OF_REASON: Readonly<Record<ErrorReason, Code>> = {
  [ErrorReason.UNSPECIFIED]: Code.INTERNAL,
  [ErrorReason.VALIDATION_FAILED]: Code.INVALID_ARGUMENT,
  [ErrorReason.MESSAGE_ID_REUSED]: Code.ALREADY_EXISTS,
  [ErrorReason.ENTITY_NOT_FOUND]: Code.FAILED_PRECONDITION,
  [ErrorReason.ENTITY_STATE]: Code.FAILED_PRECONDITION,
  [ErrorReason.NOT_THE_AUTHORITY]: Code.PERMISSION_DENIED,
  [ErrorReason.NON_PUBLIC_UPWARD]: Code.PERMISSION_DENIED,
  [ErrorReason.WRONG_LEVEL]: Code.FAILED_PRECONDITION,
  [ErrorReason.WRONG_NODE]: Code.PERMISSION_DENIED,
  [ErrorReason.NOT_FOUND]: Code.NOT_FOUND,
  [ErrorReason.BACKLOG_FULL]: Code.RESOURCE_EXHAUSTED,
  [ErrorReason.TOO_MANY_ITEMS]: Code.INVALID_ARGUMENT,
  [ErrorReason.UNAVAILABLE]: Code.UNAVAILABLE,
  [ErrorReason.UNDECODABLE]: Code.INVALID_ARGUMENT,
  [ErrorReason.DIGEST_MISMATCH]: Code.INVALID_ARGUMENT,
  [ErrorReason.RELEASE_EXISTS]: Code.ALREADY_EXISTS,
  [ErrorReason.INTERNAL]: Code.INTERNAL,
  [ErrorReason.BLOCKED_BY_EARLIER]: Code.UNAVAILABLE,
  [ErrorReason.NOT_IN_STATE]: Code.FAILED_PRECONDITION,
  [ErrorReason.BAD_PAGE_TOKEN]: Code.INVALID_ARGUMENT,
  [ErrorReason.UNAUTHENTICATED]: Code.UNAUTHENTICATED,
  [ErrorReason.NOT_PERMITTED]: Code.PERMISSION_DENIED,
  [ErrorReason.OUT_OF_SCOPE]: Code.PERMISSION_DENIED,
  [ErrorReason.TOO_MANY_CALLS]: Code.RESOURCE_EXHAUSTED,
  [ErrorReason.STREAM_IDLE]: Code.UNAVAILABLE,
};

/** Milliseconds to wait when a passing condition was reported without saying how long. */
const DEFAULT_RETRY_MS = 1000;

/** Something thrown that no rule threw on purpose. Goes to the log, never to the caller. */
export interface Defect {
  /** The number the caller was given, to find this entry by. */
  readonly incident: string;
  /** Where it happened, such as `/zhengzhao.v1.Exchange/SubmitRecord`. */
  readonly where: string;
  /** What was thrown. */
  readonly cause: unknown;
}

/** Writes a defect to the log. Must not throw. */
export type LogDefect = (defect: Defect) => void;

/**
 * What a caller may be told: a HubError as it is; UNAVAILABLE while the database is away or when
 * others were in the way; anything else becomes INTERNAL with an incident number in
 * `metadata.incident`, and its cause goes to `log` alone.
 */
export function toHubError(error: unknown, log: LogDefect, where: string): HubError {
  if (error instanceof HubError && CODE_OF_REASON[error.reason] !== Code.INTERNAL) return error;
  if (isOutage(error)) return databaseAway(error);
  if (isCollision(error)) return othersInTheWay(error);
  const incident = randomUUID();
  log({ incident, where, cause: error });
  return new HubError(
    ErrorReason.INTERNAL,
    {
      zh: `系统内部错误,请联系运维并提供事件编号 ${incident}。`,
      en: `Internal error; please give incident ${incident} to the operator.`,
    },
    { metadata: { incident }, cause: error },
  );
}

/** What passes by itself is no defect: the caller tries again, and the pool has told the log. */
function databaseAway(cause: unknown): HubError {
  return new HubError(
    ErrorReason.UNAVAILABLE,
    { zh: '数据库暂不可用,请稍后重试。', en: 'The database is not reachable; try again later.' },
    { cause },
  );
}

function othersInTheWay(cause: unknown): HubError {
  return new HubError(
    ErrorReason.UNAVAILABLE,
    {
      zh: '同一对象正被其他操作改动,未作任何改动,请稍后重试。',
      en: 'Others change the same at this moment, so nothing was done; try again later.',
    },
    { cause },
  );
}

/** Milliseconds after which trying again makes sense; undefined when it does not. */
export function retryAfterMsOf(error: HubError): number | undefined {
  if (error.details.retryAfterMs !== undefined) return error.details.retryAfterMs;
  const code = CODE_OF_REASON[error.reason];
  const passing = code === Code.UNAVAILABLE || code === Code.RESOURCE_EXHAUSTED;
  return passing ? DEFAULT_RETRY_MS : undefined;
}

/** The outcome of one message of a batch that was not accepted (D13). */
export function refusalOf(error: HubError): Refusal {
  return create(RefusalSchema, {
    reason: error.reason,
    messageZh: error.text.zh,
    messageEn: error.text.en,
    findings: [...(error.details.findings ?? [])],
    retryAfterMs: BigInt(Math.ceil(retryAfterMsOf(error) ?? 0)),
  });
}

/** The bytes or the JSON of a request are not the message they should be. */
export function undecodable(cause: unknown, what = { zh: '', en: '' }): HubError {
  return new HubError(
    ErrorReason.UNDECODABLE,
    {
      zh: `请求内容无法解码${what.zh}。`,
      en: `The request cannot be decoded${what.en}.`,
    },
    { cause },
  );
}

/** The node is stopping: long calls end with this, and new ones belong to another process. */
export function nodeStopping(): HubError {
  return new HubError(ErrorReason.UNAVAILABLE, {
    zh: '节点正在停止,请稍后重试。',
    en: 'The node is stopping; try again later.',
  });
}
