import { createConnectClient, type ConnectClientOptions } from './connect.js';
import { hubOver, type Hub } from './hub.js';
import type { PatienceOptions } from './patience.js';

/** Settings of a hub over Connect. */
export interface ConnectHubOptions extends ConnectClientOptions {
  /** How it waits and repeats. */
  readonly patience?: PatienceOptions;
}

/**
 * The hub at `baseUrl` over Connect, from Node: for networks that let only HTTP/1.1 through. Records go
 * in batches.
 */
export function createConnectHub(baseUrl: string, options: ConnectHubOptions = {}): Hub {
  return hubOver(
    {
      client: (service) => createConnectClient(service, baseUrl, options),
      streams: false,
      close: () => undefined,
    },
    options.patience,
  );
}
