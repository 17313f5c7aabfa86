import type { Server, Socket } from 'node:net';
import { networkOf } from './peer-network.js';

/** How many connections are open at once. */
export interface ConnectionLimits {
  /** Of everybody together. */
  readonly total: number;
  /** From one address; from one /64 network with IPv6. */
  readonly perPeer: number;
}

/** Closes connections past the limits before a byte of them is read. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const open = new Map<string, number>();
  server.maxConnections = limits.total;
  server.prependListener('connection', (socket: Socket) => {
    const peer = networkOf(socket.remoteAddress ?? 'unknown');
    const count = open.get(peer) ?? 0;
    if (count >= limits.perPeer) {
      socket.destroy();
      return;
    }
    open.set(peer, count + 1);
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
    });
  });
}
