import type { DescService } from '@bufbuild/protobuf';
import { createConnectTransport } from '@connectrpc/connect-node';
import { MAX_ANSWER_BYTES, type ClientIdentity, type HubClient } from './client.js';
import { clientOver, identify } from './connect-calls.js';
import type { ClientTls } from './tls.js';

/** Settings of a Connect client. */
export interface ConnectClientOptions extends ClientIdentity {
  /** True sends JSON, which a proxy can read; false Protobuf. Unset: Protobuf. */
  readonly json?: boolean;
  /** For `https://`. Unset: the authorities that Node knows. */
  readonly tls?: ClientTls | undefined;
  /** Bytes of one answer. Unset: 32 MiB and a little. */
  readonly maxMessageBytes?: number;
}

/**
 * A typed client of `service` over Connect (HTTP/1.1) at `baseUrl`, such as
 * `http://localhost:7300`. RPCs that stream both ways fail with UNIMPLEMENTED.
 */
export function createConnectClient<S extends DescService>(
  service: S,
  baseUrl: string,
  options: ConnectClientOptions = {},
): HubClient<S> {
  const transport = createConnectTransport({
    httpVersion: '1.1',
    baseUrl,
    useBinaryFormat: options.json !== true,
    readMaxBytes: options.maxMessageBytes ?? MAX_ANSWER_BYTES,
    nodeOptions: { ...options.tls },
    interceptors: identify(options),
  });
  return clientOver(service, transport);
}
