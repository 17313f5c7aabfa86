import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A link to a node that keeps every byte that passes, both ways. */
export interface RecordedLink {
  readonly port: number;
  /** Whether these bytes of a text have passed. Plaintext links compress no message. */
  hasPassed(text: string): boolean;
  stop(): Promise<void>;
}

/** Puts one before a port of this machine. */
export async function recordLink(targetPort: number): Promise<RecordedLink> {
  // One list for each direction of each connection, so that no text is torn by what passes beside it.
  const streams: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const passed: Buffer[] = [];
      streams.push(passed);
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('data', (bytes: Buffer) => {
        passed.push(bytes);
        to.write(bytes);
      });
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hasPassed: (text) => streams.some((passed) => Buffer.concat(passed).includes(text)),
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
