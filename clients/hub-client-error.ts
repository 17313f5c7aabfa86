import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { durationFromMs, durationMs, type Any } from '@bufbuild/protobuf/wkt';
import { Code } from '../proto/gen/google/rpc/code_pb.js';
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from '../proto/gen/google/rpc/error_details_pb.js';
import { RefusalSchema, type Finding, type Refusal } from '../proto/gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '../proto/gen/zhengzhao/v1/error_reason_pb.js';

/** Name of a reason, such as `VALIDATION_FAILED`. */
export type ErrorReasonName = keyof typeof ErrorReason;

/** A detail of an error as it travels. */
export type EncodedDetail = Pick<Any, 'typeUrl' | 'value'>;

/** What an error of a hub told, whichever door it came through. */
interface Told {
  readonly reason?: ErrorReasonName | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  readonly retryAfterMs?: number | undefined;
  readonly messageZh?: string | undefined;
  readonly messageEn?: string | undefined;
}

/** A call to a hub that failed: at the hub, on the way, or by its deadline. */
export class HubClientError extends Error {
  /** Status code of gRPC, the same number through Connect. */
  readonly code: number;
  /** Its name, such as `INVALID_ARGUMENT`. */
  readonly codeName: string;
  /** Why, in the hub's words. Unset: it did not come from a hub, or a newer one knows more reasons. */
  readonly reason: ErrorReasonName | undefined;
  /** What was found in the request, errors first. Through gRPC a long list may be cut short. */
  readonly findings: readonly Finding[];
  /** How many findings there were; more than `findings` when the list was cut short. */
  readonly findingsTotal: number;
  /** Milliseconds after which trying again makes sense. Unset: not told. */
  readonly retryAfterMs: number | undefined;
  /** Facts beside the reason, such as `incident` or `limit`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly messageZh: string;
  readonly messageEn: string;

  constructor(code: number, message: string, details: readonly EncodedDetail[], cause?: unknown) {
    const told = readDetails(details);
    const codeName = Code[code] ?? `CODE_${code}`;
    super(`${told.reason ?? codeName}: ${message}`, { cause });
    this.name = 'HubClientError';
    this.code = code;
    this.codeName = codeName;
    this.reason = told.reason;
    this.findings = told.findings;
    this.findingsTotal = Number(told.metadata['findingsTotal'] ?? told.findings.length);
    this.retryAfterMs = told.retryAfterMs;
    this.metadata = told.metadata;
    this.messageZh = told.messageZh ?? message;
    this.messageEn = told.messageEn ?? message;
  }

  /** The error that a single call would have failed with, for a message of a batch. */
  static ofRefusal(code: number, refusal: Refusal): HubClientError {
    const { reason, messageZh, messageEn, retryAfterMs } = refusal;
    return new HubClientError(code, `${messageZh} / ${messageEn}`, [
      encode(ErrorInfoSchema, { reason: ErrorReason[reason] ?? '' }),
      encode(RetryInfoSchema, { retryDelay: durationFromMs(Number(retryAfterMs)) }),
      encode(LocalizedMessageSchema, { locale: 'zh-CN', message: messageZh }),
      encode(LocalizedMessageSchema, { locale: 'en', message: messageEn }),
      encode(RefusalSchema, refusal),
    ]);
  }
}

function encode<D extends DescMessage>(desc: D, init: MessageInitShape<D>): EncodedDetail {
  return { typeUrl: desc.typeName, value: toBinary(desc, create(desc, init)) };
}

function readDetails(details: readonly EncodedDetail[]): Told {
  const info = find(details, ErrorInfoSchema)[0];
  const texts = find(details, LocalizedMessageSchema);
  const delay = find(details, RetryInfoSchema)[0]?.retryDelay;
  return {
    reason: isReason(info?.reason) ? info.reason : undefined,
    metadata: info?.metadata ?? {},
    findings: find(details, RefusalSchema)[0]?.findings ?? [],
    retryAfterMs: delay && durationMs(delay),
    messageZh: texts.find(({ locale }) => locale.startsWith('zh'))?.message,
    messageEn: texts.find(({ locale }) => locale.startsWith('en'))?.message,
  };
}

function isReason(name: string | undefined): name is ErrorReasonName {
  return name !== undefined && typeof ErrorReason[name as ErrorReasonName] === 'number';
}

/** A detail that cannot be read is left out: the error itself matters more. */
function find<D extends DescMessage>(
  details: readonly EncodedDetail[],
  desc: D,
): MessageShape<D>[] {
  return details
    .filter(({ typeUrl }) => typeUrl.slice(typeUrl.lastIndexOf('/') + 1) === desc.typeName)
    .flatMap(({ value }) => {
      try {
        return [fromBinary(desc, value)];
      } catch {
        return [];
      }
    });
}
