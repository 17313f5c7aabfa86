import type { DescService } from '@bufbuild/protobuf';
import type { HubClient } from '../../clients/client.js';
import type { Services } from '../../conformance/check.js';

/** Changes one answer of a node; the others pass as they are. */
export type Lie = Readonly<
  Record<string, (answer: Record<string, unknown>, request: unknown) => void>
>;

/** The node with some answers falsified, by RPC (`checkRecord`), as a node that is wrong would give them. */
export function falsified(services: Services, lie: Lie): Services {
  return {
    scopeCatalog: withLie(services.scopeCatalog, lie),
    registration: withLie(services.registration, lie),
    exchange: withLie(services.exchange, lie),
    dataCenter: withLie(services.dataCenter, lie),
  };
}

type Call = (request: unknown) => Promise<Record<string, unknown>>;

function withLie<S extends DescService>(client: HubClient<S>, lie: Lie): HubClient<S> {
  const methods = Object.entries(client as Record<string, unknown>).map(([name, call]) => {
    const change = lie[name];
    if (!change) return [name, call];
    const lying = async (request: unknown): Promise<unknown> => {
      const answer = await (call as Call)(request);
      change(answer, request);
      return answer;
    };
    return [name, lying];
  });
  return Object.fromEntries(methods) as HubClient<S>;
}
