import type { DescMethod } from '@bufbuild/protobuf';
import { aroundEvery, type BoundService, type Call, type Caller } from '../doors/service.js';
import { requireOwn, requireRole } from '../domain/access/judge.js';
import { NOBODY, type Principal } from '../domain/access/principal.js';
import { isUnguarded } from '../domain/access/table.js';
import type { Identify } from './identity.js';

/** A call whose caller is known; of one that goes on, as it was found to be last. */
class IdentifiedCall implements Call {
  constructor(
    private readonly call: Call,
    public principal: Principal,
  ) {}

  // Read when asked for: a door makes the signal only then.
  get signal(): AbortSignal {
    return this.call.signal;
  }

  get cancelled(): boolean {
    return this.call.cancelled;
  }

  get caller(): Caller {
    return this.call.caller;
  }

  get door(): Call['door'] {
    return this.call.door;
  }
}

/**
 * The service behind the one place that decides who may call what, whichever door a call came
 * through: who calls, whether the table gives its role the RPC, and whether the request names it
 * and nobody else. What only the data can tell is judged in the handlers, by `call.principal`.
 *
 * Several requests come one by one, and none of the calls that have them names anybody. A call that
 * goes on outlives what it was begun with: who calls is asked again with each request, and before each
 * answer of a stream, so that a revoked, expired or disabled caller gets the error that a new call
 * would get. Identity is kept for seconds, so this costs next to nothing.
 */
export function guardAccess(bound: BoundService, identify: Identify): BoundService {
  return aroundEvery(bound, {
    unary: (handle, method) => {
      const admitted = admit(method, identify);
      const rpc = rpcOf(method);
      return async (request, call) => {
        const principal = await admitted(call);
        requireOwn(principal, rpc, request);
        return handle(request, new IdentifiedCall(call, principal));
      };
    },
    server_streaming: (handle, method) => {
      const admitted = admit(method, identify);
      const rpc = rpcOf(method);
      return async function* (request, call) {
        const known = new IdentifiedCall(call, await admitted(call));
        requireOwn(known.principal, rpc, request);
        for await (const answer of handle(request, known)) {
          known.principal = await admitted(call);
          requireOwn(known.principal, rpc, request);
          yield answer;
        }
      };
    },
    client_streaming: (handle, method) => {
      const admitted = admit(method, identify);
      return async (requests, call) => {
        const known = new IdentifiedCall(call, await admitted(call));
        return handle(identified(requests, known, admitted), known);
      };
    },
    bidi_streaming: (handle, method) => {
      const admitted = admit(method, identify);
      return async function* (requests, call) {
        const known = new IdentifiedCall(call, await admitted(call));
        yield* handle(identified(requests, known, admitted), known);
      };
    },
  });
}

/** Who calls; throws when it may not call this RPC. */
type Admit = (call: Call) => Promise<Principal>;

function admit(method: DescMethod, identify: Identify): Admit {
  const rpc = rpcOf(method);
  if (isUnguarded(rpc)) return async () => NOBODY;
  return async ({ caller }) => {
    const principal = await identify(caller);
    requireRole(principal, rpc);
    return principal;
  };
}

/** Name of an RPC in the table. */
export function rpcOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** Requests of which each is handed on only while its caller may still make it. */
async function* identified<Request>(
  requests: AsyncIterable<Request>,
  known: IdentifiedCall,
  admitted: Admit,
): AsyncGenerator<Request> {
  for await (const request of requests) {
    known.principal = await admitted(known);
    yield request;
  }
}
