import type { Client } from '@grpc/grpc-js';
import type { ClientTls, RenewableTls } from './tls.js';

/** The connection of a client, which is another one after its certificates were exchanged. */
export interface Connection {
  current(): Client;
  close(): void;
}

/** Calls in flight may finish on the old connection for so long. */
const GRACE_MS = 60_000;

/** Opens a connection with `make`, and a new one whenever `tls` answers other certificates. */
export function openConnection(
  make: (tls: ClientTls | undefined) => Client,
  tls: ClientTls | RenewableTls | undefined,
): Connection {
  const certificates = (): ClientTls | undefined => (typeof tls === 'function' ? tls() : tls);
  let shown = certificates();
  let client = make(shown);
  const retired = new Map<Client, NodeJS.Timeout>();
  const retire = (old: Client): void => {
    const end = (): void => {
      retired.delete(old);
      old.close();
    };
    retired.set(old, setTimeout(end, GRACE_MS).unref());
  };
  return {
    current: () => {
      const now = certificates();
      if (now === shown) return client;
      retire(client);
      shown = now;
      client = make(now);
      return client;
    },
    close: () => {
      for (const [old, timer] of retired) {
        clearTimeout(timer);
        old.close();
      }
      retired.clear();
      client.close();
    },
  };
}
