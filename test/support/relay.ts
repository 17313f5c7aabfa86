import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line between two programs that can be cut and mended, and counts who came over it. */
export interface Relay {
  readonly port: number;
  /** Connections taken so far, and those that are open. */
  readonly taken: number;
  readonly open: number;
  /** Breaks every connection and takes no new one. */
  cut(): Promise<void>;
  /** Takes connections again, on the same port, to the port given or the one before. */
  mend(target?: number): Promise<void>;
  /** Ends so many of the next connections at their first bytes. */
  breakNext(count: number): void;
  /** From now on nothing passes, but nobody is told. */
  freeze(): void;
}

/** Opens one to a port of the loopback. */
export async function openRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let taken = 0;
  let to = target;
  let toBreak = 0;
  const pass = (near: Socket): void => {
    taken += 1;
    if (toBreak > 0) {
      toBreak -= 1;
      near.on('error', () => undefined).once('data', () => near.destroy());
      return;
    }
    const far = connect(to, '127.0.0.1');
    sockets.add(near);
    near.pipe(far).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(near);
        other.destroy();
      });
    }
  };
  let server = createServer(pass);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get taken() {
      return taken;
    },
    get open() {
      return sockets.size;
    },
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async mend(target = to) {
      to = target;
      server = createServer(pass);
      await listen(server, port);
    },
    breakNext(count) {
      toBreak = count;
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
