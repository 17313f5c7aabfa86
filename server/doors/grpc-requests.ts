import { constants, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { MessageMeter } from './grpc-messages.js';
import type { HalfReceived } from './half-received.js';
import { networkOf } from './peer-network.js';

/** Limits of requests on their way in. */
export interface RequestLimits {
  /** Paths of the methods that take one message. */
  readonly single: ReadonlySet<string>;
  /** Milliseconds in which that message must be there. */
  readonly wholeWithinMs: number;
}

/** Looks per limit. */
const LOOKS = 4;

/**
 * Ends calls whose one message trickles in or never comes (slowloris), which occupy a stream and
 * memory for as long as their connection lives: grpc-js calls no handler before the message is
 * there, so nothing else would end them. One timer looks after all calls.
 */
export function endSlowRequests(server: Server, limits: RequestLimits): { stop(): void } {
  // In the order in which they began.
  const coming = new Map<ServerHttp2Stream, number>();
  const listener = (stream: ServerHttp2Stream, headers: { ':path'?: string }): void => {
    if (!limits.single.has(headers[':path'] ?? '')) return;
    coming.set(stream, Date.now());
    stream.once('close', () => coming.delete(stream));
  };
  for (const http2 of http2ServersOf(server)) http2.on('stream', listener);
  const look = (): void => {
    const before = Date.now() - limits.wholeWithinMs;
    for (const [stream, since] of coming) {
      if (since > before) return;
      coming.delete(stream);
      if (!isWhole(stream)) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  };
  const timer = setInterval(look, Math.ceil(limits.wholeWithinMs / LOOKS));
  return { stop: () => clearInterval(timer) };
}

/**
 * Keeps account of messages that have come in part, of all calls: grpc-js gathers each until it is
 * whole. A call that has to make room is ended; its client reads RESOURCE_EXHAUSTED.
 */
export function boundHalfReceived(server: Server, held: HalfReceived, mostBytes: number): void {
  const listener = (stream: ServerHttp2Stream): void => {
    const meter = new MessageMeter(mostBytes);
    const coming = held.begin(networkOf(stream.session?.socket.remoteAddress ?? 'unknown'), () =>
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM),
    );
    // grpc-js has paused it, so that a second listener takes nothing away from the first.
    stream.on('data', (bytes: Buffer) => coming.hold(meter.feed(bytes)));
    stream.once('close', () => coming.hold(0));
  };
  for (const http2 of http2ServersOf(server)) http2.on('stream', listener);
}

function isWhole(stream: ServerHttp2Stream): boolean {
  return stream.state.state !== constants.NGHTTP2_STREAM_STATE_OPEN;
}

/** grpc-js keeps its HTTP/2 servers to itself, and offers no event of a call that has just begun. */
function http2ServersOf(server: Server): Http2Server[] {
  return [...server['http2Servers'].keys()] as Http2Server[];
}
