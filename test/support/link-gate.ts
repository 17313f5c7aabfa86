import { connect, createServer, type Socket } from 'node:net';

/**
 * What a link lets pass: everything; nothing, with connections cut; or what is asked but not what is
 * answered, so that whoever sent can't know whether it arrived.
 */
export type GateState = 'open' | 'shut' | 'answers-held';

/** A link between two nodes that a test can cut. */
export interface LinkGate {
  readonly port: number;
  set(state: GateState): void;
  stop(): Promise<void>;
}

/** Puts a gate before a port of this machine. */
export async function openGate(targetPort: number): Promise<LinkGate> {
  let state: GateState = 'open';
  const held = new Map<Socket, Buffer[]>();
  const sockets = new Set<Socket>();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    if (state === 'shut') {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        held.delete(socket);
        other.destroy();
      });
    }
    held.set(near, []);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (state === 'answers-held') held.get(near)?.push(bytes);
      else near.write(bytes);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  return {
    port,
    set(next) {
      state = next;
      if (next === 'shut') cut();
      if (next !== 'open') return;
      for (const [near, answers] of held) for (const bytes of answers.splice(0)) near.write(bytes);
    },
    stop: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
