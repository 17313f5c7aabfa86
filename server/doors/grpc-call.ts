import type { ServerUnaryCall } from '@grpc/grpc-js';
import { NOBODY } from '../domain/access/principal.js';
import type { Call, Caller } from './service.js';

/** What the calls of all four kinds have in common in grpc-js. */
export interface SurfaceCall extends Pick<
  ServerUnaryCall<unknown, unknown>,
  'cancelled' | 'getPeer' | 'getAuthContext'
> {
  once(event: 'cancelled', listener: () => void): unknown;
}

/**
 * A call through the gRPC door. The signal is made when it is first read: most unary calls never
 * look at it, and an AbortController for each of them can be measured.
 */
export class GrpcCall implements Call {
  readonly door = 'grpc';
  readonly principal = NOBODY;
  readonly caller: Caller;
  #controller: AbortController | undefined;
  readonly #call: SurfaceCall;
  readonly #stopping: AbortSignal | undefined;

  /** `stopping` is given for streams, which end when the node stops; other calls may finish. */
  constructor(call: SurfaceCall, stopping?: AbortSignal) {
    this.#call = call;
    this.#stopping = stopping;
    this.caller = new GrpcCaller(call);
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#watch(new AbortController());
    return this.#controller.signal;
  }

  /** True once nobody waits for the answer any more. */
  get cancelled(): boolean {
    return this.#call.cancelled;
  }

  #watch(controller: AbortController): AbortController {
    const stopping = this.#stopping;
    const stop = () => controller.abort(stopping?.reason);
    // grpc-js also emits `cancelled` after a call has ended, so the listener always goes.
    const cancel = () => {
      stopping?.removeEventListener('abort', stop);
      controller.abort();
    };
    if (this.#call.cancelled) cancel();
    else if (stopping?.aborted) stop();
    else {
      this.#call.once('cancelled', cancel);
      stopping?.addEventListener('abort', stop, { once: true });
    }
    return controller;
  }
}

class GrpcCaller implements Caller {
  readonly #call: SurfaceCall;

  constructor(call: SurfaceCall) {
    this.#call = call;
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  get certificateName(): string | undefined {
    const name = this.#call.getAuthContext().sslPeerCertificate?.subject.CN;
    return Array.isArray(name) ? name[0] : name;
  }
}
