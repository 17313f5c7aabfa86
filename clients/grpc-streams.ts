import type { DescMessage, Message, MessageInitShape } from '@bufbuild/protobuf';
import type { ClientReadableStream, ClientWritableStream, StatusObject } from '@grpc/grpc-js';
import { grpcErrorOf } from './grpc-error.js';

/** The answers of a stream, as fast as they are read. Leaving the loop cancels the call. */
export async function* readAnswers(
  call: ClientReadableStream<Message> | Duplex,
): AsyncGenerator<Message> {
  // Cancelling below makes grpc-js emit an error that nobody waits for any more.
  call.on('error', () => {});
  let ended = false;
  try {
    for await (const answer of call.iterator({ destroyOnReturn: false })) yield answer as Message;
    ended = true;
  } catch (error) {
    ended = true;
    throw isStatus(error) ? grpcErrorOf(error) : error;
  } finally {
    if (!ended) call.cancel();
  }
}

/** Writes the requests as fast as the hub takes them. A failure of the source cancels the call. */
export async function sendRequests(
  call: Requests | Duplex,
  requests: AsyncIterable<MessageInitShape<DescMessage>>,
): Promise<void> {
  let over = false;
  call.once('status', () => (over = true));
  try {
    for await (const request of requests) {
      if (over) return;
      if (!call.write(request)) await drained(call);
    }
    call.end();
  } catch (error) {
    call.cancel();
    throw error;
  }
}

type Requests = ClientWritableStream<MessageInitShape<DescMessage>>;
type Duplex = Requests & ClientReadableStream<Message>;

/** A call that has ended drains no more. */
function drained(call: Requests | Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('status', done);
      resolve();
    };
    call.on('drain', done).on('status', done);
  });
}

function isStatus(error: unknown): error is StatusObject {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}
