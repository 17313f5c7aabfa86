import type { ClientIdentity } from './client.js';
import { createWebClient } from './connect-web.js';
import { hubOver, type Hub } from './hub.js';
import type { PatienceOptions } from './patience.js';

/** Settings of a hub as a browser reaches it. */
export interface WebHubOptions extends ClientIdentity {
  /** How it waits and repeats. */
  readonly patience?: PatienceOptions;
}

/** The hub at `baseUrl` over Connect, from a browser on a page of the same origin. Records go in batches. */
export function createWebHub(baseUrl: string, options: WebHubOptions = {}): Hub {
  return hubOver(
    {
      client: (service) => createWebClient(service, baseUrl, options),
      streams: false,
      close: () => undefined,
    },
    options.patience,
  );
}
