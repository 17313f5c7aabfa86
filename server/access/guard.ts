import type { DescMethod } from '@bufbuild/protobuf';
import type { BoundService, Call, Caller } from '../doors/service.js';
import { requireOwn, requireRole } from '../domain/access/judge.js';
import { NOBODY, type Principal } from '../domain/access/principal.js';
import { isUnguarded } from '../domain/access/table.js';
import type { Identify } from './identity.js';

/** A call whose caller is known. */
class IdentifiedCall implements Call {
  constructor(
    private readonly call: Call,
    readonly principal: Principal,
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

type Unary = (request: object, call: Call) => Promise<unknown>;
type Answers = (request: object, call: Call) => AsyncIterable<unknown>;

/**
 * The service behind the one place that decides who may call what, whichever door a call came
 * through: who calls, whether the table gives its role the RPC, and whether the request names it
 * and nobody else. What only the data can tell is judged in the handlers, by `call.principal`.
 */
export function guardAccess({ service, methods }: BoundService, identify: Identify): BoundService {
  const guarded = service.methods.map((method): [string, unknown] => [
    method.localName,
    guard(method, methods[method.localName], admit(method, identify)),
  ]);
  return { service, methods: Object.fromEntries(guarded) };
}

type Admit = (call: Call) => Promise<Call>;

function admit(method: DescMethod, identify: Identify): Admit {
  const rpc = rpcOf(method);
  if (isUnguarded(rpc)) return async (call) => new IdentifiedCall(call, NOBODY);
  return async (call) => {
    const principal = await identify(call.caller);
    requireRole(principal, rpc);
    return new IdentifiedCall(call, principal);
  };
}

/** Name of an RPC in the table. */
export function rpcOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** Several requests come one by one, and none of the calls that have them names anybody. */
function guard(method: DescMethod, handler: unknown, admitted: Admit): unknown {
  const rpc = rpcOf(method);
  switch (method.methodKind) {
    case 'unary':
      return async (request: object, call: Call) => {
        const known = await admitted(call);
        requireOwn(known.principal, rpc, request);
        return (handler as Unary)(request, known);
      };
    case 'server_streaming':
      return async function* (request: object, call: Call) {
        const known = await admitted(call);
        requireOwn(known.principal, rpc, request);
        yield* (handler as Answers)(request, known);
      };
    case 'client_streaming':
      return async (requests: object, call: Call) =>
        (handler as Unary)(requests, await admitted(call));
    case 'bidi_streaming':
      return async function* (requests: object, call: Call) {
        yield* (handler as Answers)(requests, await admitted(call));
      };
  }
}
