import type { DescService } from '@bufbuild/protobuf';
import { buildClient, type AnyMethod, type CallOptions, type HubClient } from './client.js';
import type { Patience } from './patience.js';

/** RPCs that read, or that give the same answer when the same is sent again. All others change once. */
const REPEATABLE =
  /^(get|list|search|check|compare|submit|batchSubmit|resolveScope$|reconcile$|setRecordPublicity$)/;

/** Whether an RPC, by its name in the client, may be sent again when nobody knows whether it was done. */
export function isRepeatable(localName: string): boolean {
  return REPEATABLE.test(localName);
}

/**
 * The client with every single call made patiently. What changes once (a release published, a package
 * acknowledged) is sent again only when the hub said that it did nothing. Streams are left as they are.
 */
export function patientClient<S extends DescService>(
  service: S,
  client: HubClient<S>,
  patience: Patience,
): HubClient<S> {
  const methods: Readonly<Record<string, unknown>> = client;
  return buildClient(service, ({ localName, methodKind }) => {
    const call = methods[localName];
    if (methodKind !== 'unary') return call as AnyMethod;
    const once = call as (request: unknown, options?: CallOptions) => Promise<unknown>;
    const patiently = (request: unknown, options?: CallOptions): Promise<unknown> => {
      const attempt = () => once(request, options);
      return isRepeatable(localName) ? patience.make(attempt) : patience.makeOnce(attempt);
    };
    return patiently as AnyMethod;
  });
}
