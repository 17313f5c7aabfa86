import { fromBinary } from '@bufbuild/protobuf';
import { status, type StatusObject } from '@grpc/grpc-js';
import { StatusSchema } from '../proto/gen/google/rpc/status_pb.js';
import { HubClientError, type EncodedDetail } from './hub-client-error.js';

/** grpc-js's own words, with INTERNAL, for a connection that ended while an answer was awaited. */
const ENDED = 'Call ended without gRPC status';

/** A hub always says why; where nobody said anything, the call may be made again as it was. */
function codeOf({ code, details }: StatusObject): number {
  return code === status.INTERNAL && details.includes(ENDED) ? status.UNAVAILABLE : code;
}

/** The failure of a gRPC call, with the details of its `grpc-status-details-bin`. */
export function grpcErrorOf(failure: StatusObject): HubClientError {
  const details = readDetails(failure.metadata.get('grpc-status-details-bin')[0]);
  return new HubClientError(codeOf(failure), failure.details, details, failure);
}

function readDetails(encoded: string | Buffer | undefined): readonly EncodedDetail[] {
  if (!Buffer.isBuffer(encoded)) return [];
  try {
    return fromBinary(StatusSchema, encoded).details;
  } catch {
    return [];
  }
}
