import { create, toBinary } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { StatusSchema } from '#gen/google/rpc/status_pb.js';
import type { HubError } from '../domain/errors.js';
import { detailsWithin, errorMessage } from './error-details.js';
import { CODE_OF_REASON } from './errors.js';

/**
 * gRPC carries an error in trailers. Clients in Java, C++ and Python refuse more than 8 KB of
 * them, so the details (a third longer in base64) and the message (up to nine bytes for one
 * Chinese character) share that.
 */
const MAX_DETAIL_BYTES = 4800;
const MAX_MESSAGE_BYTES = 900;

/** The gRPC status of an error, with `grpc-status-details-bin` as `google.rpc.Status`. */
export function grpcStatusOf(error: HubError): Partial<StatusObject> {
  const code = CODE_OF_REASON[error.reason];
  const message = fitMessage(errorMessage(error));
  const status = create(StatusSchema, {
    code,
    message,
    details: detailsWithin(error, MAX_DETAIL_BYTES).map(({ desc, value }) => anyPack(desc, value)),
  });
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  // google.rpc.Code and the status codes of gRPC are the same numbers.
  return { code: code as number, details: message, metadata };
}

/** grpc-js percent-encodes the message and throws on half a surrogate pair: so neither may pass. */
function fitMessage(text: string): string {
  const wellFormed = Buffer.from(text, 'utf8').toString('utf8');
  if (encodeURI(wellFormed).length <= MAX_MESSAGE_BYTES) return wellFormed;
  let fitting = '';
  let left = MAX_MESSAGE_BYTES - encodeURI('…').length;
  for (const character of wellFormed) {
    left -= encodeURI(character).length;
    if (left < 0) break;
    fitting += character;
  }
  return `${fitting}…`;
}
