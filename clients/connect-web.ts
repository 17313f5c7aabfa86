import type { DescService } from '@bufbuild/protobuf';
import { createConnectTransport } from '@connectrpc/connect-web';
import type { ClientIdentity, HubClient } from './client.js';
import { clientOver, identify } from './connect-calls.js';

/**
 * A typed client of `service` for a browser, over Connect at `baseUrl`, such as
 * `https://hub.example`. RPCs whose caller streams fail with UNIMPLEMENTED.
 */
export function createWebClient<S extends DescService>(
  service: S,
  baseUrl: string,
  identity: ClientIdentity = {},
): HubClient<S> {
  const interceptors = identify(identity);
  return clientOver(
    service,
    createConnectTransport({ baseUrl, useBinaryFormat: true, interceptors }),
  );
}
