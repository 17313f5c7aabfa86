import { connect, type Socket } from 'node:net';

/** Types of HTTP/2 frames (RFC 9113). */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** END_HEADERS of a HEADERS or CONTINUATION frame. */
export const END_HEADERS = 4;

const EMPTY = new Uint8Array();

/** A frame as it travels. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  body: Uint8Array = EMPTY,
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** Header fields, each literal and not indexed. */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  return Buffer.concat(
    fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])),
  );
}

/** Headers of a gRPC call to a path, whose message is still to come. */
export function callHeaders(path: string): Buffer {
  return headerBlock([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'hub'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ]);
}

/** A client that sends whatever frames it is told to. */
export class RawClient {
  /** Type of every frame that came. */
  readonly received: number[] = [];
  #buffer = Buffer.alloc(0);
  #isClosed = false;
  readonly #socket: Socket;
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.closed = new Promise((resolve) => {
      this.#socket.on('error', () => undefined);
      this.#socket.on('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    this.#socket.write(frame(FRAME.settings, 0, 0));
  }

  /** Writes as fast as the other side reads; returns early when it has closed the connection. */
  async send(...frames: readonly Buffer[]): Promise<void> {
    if (this.#isClosed || this.#socket.write(Buffer.concat(frames))) return;
    const drained = new Promise<void>((resolve) => this.#socket.once('drain', () => resolve()));
    await Promise.race([drained, this.closed]);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 9) {
      const size = 9 + this.#buffer.readUIntBE(0, 3);
      if (this.#buffer.length < size) return;
      this.received.push(this.#buffer.readUInt8(3));
      this.#buffer = this.#buffer.subarray(size);
    }
  }
}
