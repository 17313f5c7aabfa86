import { fromBinary } from '@bufbuild/protobuf';
import type { StatusObject } from '@grpc/grpc-js';
import { StatusSchema } from '../proto/gen/google/rpc/status_pb.js';
import { HubClientError, type EncodedDetail } from './hub-client-error.js';

/** The failure of a gRPC call, with the details of its `grpc-status-details-bin`. */
export function grpcErrorOf(status: StatusObject): HubClientError {
  const details = readDetails(status.metadata.get('grpc-status-details-bin')[0]);
  return new HubClientError(status.code, status.details, details, status);
}

function readDetails(encoded: string | Buffer | undefined): readonly EncodedDetail[] {
  if (!Buffer.isBuffer(encoded)) return [];
  try {
    return fromBinary(StatusSchema, encoded).details;
  } catch {
    return [];
  }
}
