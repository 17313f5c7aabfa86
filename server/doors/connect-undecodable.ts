import { Code, ConnectError } from '@connectrpc/connect';
import { createAsyncIterable, encodeEnvelope } from '@connectrpc/connect/protocol';
import type { UniversalServerResponse } from '@connectrpc/connect/protocol';
import {
  codeToHttpStatus,
  errorFromJsonBytes,
  errorToJsonBytes,
} from '@connectrpc/connect/protocol-connect';
import { setTrailerStatus } from '@connectrpc/connect/protocol-grpc';
import { trailerFlag, trailerParse, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web';
import { connectErrorOf, decodeFailure, isDecodeFailure } from './connect-errors.js';

/**
 * Connect decodes a unary request before any interceptor runs, and answers bytes that are no
 * message with INTERNAL. This puts the hub's own answer in that place, in the two wire formats
 * where it happens; every other response passes untouched.
 */
export async function explainUndecodable(
  response: UniversalServerResponse,
): Promise<UniversalServerResponse> {
  const type = response.header?.get('content-type') ?? '';
  if (type === 'application/json' && response.status >= 400) return explainConnect(response);
  if (type.startsWith('application/grpc-web')) return explainGrpcWeb(response);
  return response;
}

async function explainConnect(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { header } = response;
  const encoded = header?.has('content-encoding') === true;
  if (response.body === undefined || header === undefined || encoded) return response;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const explained = explain(parseError(body));
  if (explained === undefined) return { ...response, body: createAsyncIterable([body]) };
  const bytes = errorToJsonBytes(explained, undefined);
  header.set('content-length', String(bytes.byteLength));
  return {
    ...response,
    status: codeToHttpStatus(explained.code),
    body: createAsyncIterable([bytes]),
  };
}

function parseError(body: Uint8Array): ConnectError {
  const unreadable = new ConnectError('', Code.Unknown);
  try {
    return errorFromJsonBytes(body, undefined, unreadable);
  } catch {
    return unreadable;
  }
}

async function explainGrpcWeb(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  if (response.body === undefined) return response;
  const iterator = response.body[Symbol.asyncIterator]();
  const first = await iterator.next();
  const rest = { [Symbol.asyncIterator]: () => iterator };
  if (first.done === true) return response;
  return { ...response, body: prepend(explainTrailers(first.value), rest) };
}

async function* prepend(first: Uint8Array, rest: AsyncIterable<Uint8Array>) {
  yield first;
  yield* rest;
}

/** A failed decode is the whole answer: one frame of trailers, too short to be compressed. */
function explainTrailers(frame: Uint8Array): Uint8Array {
  if (frame[0] !== trailerFlag) return frame;
  const trailers = trailerParse(frame.subarray(5));
  if (trailers.has('grpc-status-details-bin')) return frame;
  const message = decodeURIComponent(trailers.get('grpc-message') ?? '');
  const explained = explain(new ConnectError(message, Number(trailers.get('grpc-status'))));
  if (explained === undefined) return frame;
  setTrailerStatus(trailers, explained);
  return encodeEnvelope(trailerFlag, trailerSerialize(trailers));
}

function explain(error: ConnectError): ConnectError | undefined {
  return isDecodeFailure(error) ? connectErrorOf(decodeFailure(error)) : undefined;
}
