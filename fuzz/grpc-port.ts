import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { Code } from '#gen/google/rpc/code_pb.js';
import { DEADLINE_MS, framesOf, HUNG, type Answer } from './answer.js';

/** A call as it is written to an HTTP/2 stream, right or wrong. */
export interface WrittenCall {
  readonly path: string;
  /** Replace or, when undefined, remove what a gRPC client sends. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** DATA frames. */
  readonly chunks: readonly Buffer[];
  /** Unset: the stream is ended after the last one. `reset`: it is reset. */
  readonly then?: 'end' | 'reset';
  /** Milliseconds after which the caller has heard enough of a stream. */
  readonly listenMs?: number;
  /** Its own deadline has passed before it is sent. */
  readonly givesNoTime?: boolean;
}

/** HTTP/2 to a node without a gRPC library, which would refuse to send what is wrong. */
export class GrpcPort {
  readonly #url: string;
  #session: ClientHttp2Session | undefined;

  constructor(address: string) {
    this.#url = `http://${address}`;
  }

  /**
   * Calls share a connection, as those of a client do, and the node may end it for what another one
   * sent; then the call is sent again, as a client would.
   */
  async send(call: WrittenCall): Promise<Answer> {
    const session = this.#open();
    const answer = await sendOn(session, call);
    const ended = answer.end === 'closed' && (session.closed || session.destroyed);
    return ended ? sendOn(this.#open(), call) : answer;
  }

  close(): void {
    this.#session?.destroy();
  }

  /** A connection that the node ended, as it may after garbage, is made again. */
  #open(): ClientHttp2Session {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    // The client's own limit, 10 MB, would end calls that the node never saw.
    const session = connect(this.#url, { maxSessionMemory: 1_000 });
    session.setMaxListeners(0);
    session.on('error', () => undefined);
    session.on('goaway', () => session.close());
    this.#session = session;
    return session;
  }
}

async function sendOn(session: ClientHttp2Session, call: WrittenCall): Promise<Answer> {
  const stream = session.request(headersOf(call), { endStream: false });
  const answer = listen(stream, call);
  for (const chunk of call.chunks) if (stream.writable) stream.write(chunk);
  if (call.then === 'reset') stream.close(constants.NGHTTP2_CANCEL);
  else stream.end();
  return { ...(await answer), gaveNoTime: call.givesNoTime ?? false };
}

function headersOf({ path, headers = {} }: WrittenCall): OutgoingHttpHeaders {
  const all: Record<string, string | undefined> = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    ...headers,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function listen(stream: ClientHttp2Stream, { listenMs }: WrittenCall): Promise<Answer> {
  const chunks: Buffer[] = [];
  let headers: IncomingHttpHeaders = {};
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('response', (received) => (headers = { ...headers, ...received }));
  stream.on('trailers', (received) => (headers = { ...headers, ...received }));
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      stream.close(constants.NGHTTP2_CANCEL);
      resolve(listenMs === undefined ? HUNG : { ...answerOf(headers, chunks), end: 'answered' });
    }, listenMs ?? DEADLINE_MS);
    stream.on('close', () => {
      clearTimeout(limit);
      resolve(answerOf(headers, chunks));
    });
  });
}

function answerOf(headers: IncomingHttpHeaders, chunks: readonly Buffer[]): Answer {
  const status = headers['grpc-status'];
  const body = Buffer.concat(chunks);
  const details = headers['grpc-status-details-bin'];
  const readable = typeof details === 'string' ? Buffer.from(details, 'base64').toString() : '';
  const said = `${JSON.stringify(headers)}${readable}${body.toString()}`;
  if (headers[':status'] === undefined) return { end: 'closed', code: '', said, bodies: [] };
  const code = status === undefined ? '' : (Code[Number(status)] ?? `CODE_${String(status)}`);
  return { end: 'answered', code, said, bodies: framesOf(body).map(({ content }) => content) };
}
