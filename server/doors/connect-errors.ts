import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { FilingSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { HubError } from '../domain/errors.js';
import { errorFinding } from '../domain/finding.js';
import { FINDING_TEXTS } from '../domain/validation/finding-texts.js';
import { detailsOf, errorMessage } from './error-details.js';
import { CODE_OF_REASON, toHubError, undecodable, type LogDefect } from './errors.js';

/** The Connect error for a HubError, with all details: they travel in the body. */
export function connectErrorOf(error: HubError): ConnectError {
  const code: number = CODE_OF_REASON[error.reason];
  return new ConnectError(errorMessage(error), code, undefined, detailsOf(error));
}

/** Outermost interceptor: whatever a handler throws, also while it streams, leaves as ConnectError. */
export function translateErrors(log: LogDefect, stopping: AbortSignal): Interceptor {
  return (next) => async (request) => {
    const where = `/${request.service.typeName}/${request.method.name}`;
    const translate = (error: unknown) => {
      const aborted = [request.signal, stopping].find((signal) => signal.aborted);
      const thrown = isAbort(error) && aborted ? (aborted.reason as unknown) : error;
      return translateError(thrown, log, where);
    };
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: translateStream(response.message, translate) };
    } catch (error) {
      throw translate(error);
    }
  };
}

async function* translateStream<T>(
  messages: AsyncIterable<T>,
  translate: (error: unknown) => ConnectError,
): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw translate(error);
  }
}

function translateError(thrown: unknown, log: LogDefect, where: string): ConnectError {
  if (thrown instanceof ConnectError) {
    return isDecodeFailure(thrown) ? connectErrorOf(decodeFailure(thrown)) : thrown;
  }
  if (isAbort(thrown) || isGone(thrown))
    return new ConnectError('已取消 / Cancelled', Code.Canceled);
  return connectErrorOf(toHubError(thrown, log, where));
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Connect throws into the answer that it could not be written: its caller has left, which is no defect. */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_STREAM_DESTROYED' || error.code === 'ERR_STREAM_WRITE_AFTER_END')
  );
}

/** What Connect throws, before any interceptor for unary calls, when a request is no message. */
export function isDecodeFailure(error: ConnectError): boolean {
  if (error.details.length > 0) return false;
  if (error.code === Code.Internal)
    return /^(parse binary|decompression failed|received compressed envelope)/.test(
      error.rawMessage,
    );
  return error.code === Code.InvalidArgument && !error.rawMessage.startsWith('protocol error');
}

/**
 * UNDECODABLE for what Connect said. Its words may quote the value of a personal field, so only
 * names are kept: an unknown key is a finding, the same as in Protobuf, the field or type that is wrong goes
 * to the metadata.
 */
export function decodeFailure(error: ConnectError): HubError {
  const failure = undecodable(error);
  const [, place] =
    /^cannot decode (?:message |field |enum |oneof )?([\w.]+) from JSON/.exec(error.rawMessage) ??
    [];
  const [, key] = / from JSON: key "(.{1,100}?)" is unknown$/su.exec(error.rawMessage) ?? [];
  return new HubError(ErrorReason.UNDECODABLE, textOf(failure, place, key), {
    cause: error,
    ...(place === undefined ? {} : { metadata: { at: place } }),
    ...(key === undefined ? {} : { findings: [unknownKey(key, place ?? '')] }),
  });
}

function textOf(failure: HubError, place: string | undefined, key: string | undefined) {
  if (place === undefined) return failure.text;
  if (key === undefined) {
    return {
      zh: `请求内容无法解码:${place} 的值不符合其类型。`,
      en: `The request cannot be decoded: the value of ${place} does not fit its type.`,
    };
  }
  return {
    zh: `请求内容含有未知字段“${key}”(${place})。`,
    en: `The request has an unknown field "${key}" (${place}).`,
  };
}

/** A filing has a rule of its own: it must hold nothing more (R44, VR21). */
function unknownKey(key: string, place: string): Finding {
  if (place === FilingSchema.typeName)
    return errorFinding('VR21', key, 'EXTRA_DATA_NOT_ALLOWED', {
      zh: `${place} 没有字段“${key}”;不得额外采集共享其他信息,请删除该字段或核对字段名。`,
      en: `${place} has no field "${key}"; nothing more may be collected, remove it or check its name.`,
    });
  return errorFinding(FINDING_TEXTS.UNKNOWN_FIELD.rule, key, 'UNKNOWN_FIELD', {
    zh: `${place} 没有字段“${key}”,其内容无法校验,不予接收。请核对字段名;本节点版本低于报送系统的,请将本节点升级,或去掉该字段后重新报送。`,
    en: `${place} has no field "${key}", so what it holds cannot be checked and is not taken. Check its name; if the node is older than the schema of the sender, upgrade the node, or leave the field out and send again.`,
  });
}
