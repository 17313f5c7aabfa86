import { toBinary } from '@bufbuild/protobuf';
import { ConnectError } from '@connectrpc/connect';
import { Code } from '../proto/gen/google/rpc/code_pb.js';
import { HubClientError, type EncodedDetail } from './hub-client-error.js';

/** The failure of a Connect or gRPC-Web call. What is no such failure stays what it is. */
export function connectErrorOf(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  return new HubClientError(codeOf(error), error.rawMessage, error.details.map(encoded), error);
}

/**
 * What Node calls a line that broke or was never there. Connect takes some of them for UNAVAILABLE, some
 * for ABORTED, and the others for INTERNAL.
 */
const BROKEN =
  /^(ECONN(RESET|ABORTED|REFUSED)|EPIPE|ETIMEDOUT|E(HOST|NET)(UNREACH|DOWN)|ERR_STREAM_(DESTROYED|PREMATURE_CLOSE))$/;

/** A hub always says why; where nobody said anything, the call may be made again as it was. */
function codeOf(error: ConnectError): number {
  const code: number = error.code;
  if (error.details.length > 0 || code === Code.CANCELLED) return code;
  return isBreak(error) ? Code.UNAVAILABLE : code;
}

/** What came as an answer has no cause here; a line that breaks has one. */
function isBreak({ code, cause }: ConnectError): boolean {
  // All that `fetch` tells of a broken line; a request that can't be written is INTERNAL.
  if ((code as number) === Code.UNKNOWN && cause instanceof TypeError) return true;
  const seen = new Set<unknown>();
  for (let one = cause; one instanceof Error && !seen.has(one); one = one.cause) {
    if ('code' in one && typeof one.code === 'string' && BROKEN.test(one.code)) return true;
    seen.add(one);
  }
  return false;
}

function encoded(detail: ConnectError['details'][number]): EncodedDetail {
  if (!('desc' in detail)) return { typeUrl: detail.type, value: detail.value };
  const value = toBinary(detail.desc, detail.value as Parameters<typeof toBinary>[1]);
  return { typeUrl: detail.desc.typeName, value };
}
