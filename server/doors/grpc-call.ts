import type { ServerUnaryCall } from '@grpc/grpc-js';
import { NOBODY } from '../domain/access/principal.js';
import { bearerOf, PROXY_HEADERS, readCertificate } from './credentials.js';
import type { Call, Caller, ClientCertificate } from './service.js';

/** What the calls of all four kinds have in common in grpc-js. */
export interface SurfaceCall extends Pick<
  ServerUnaryCall<unknown, unknown>,
  'cancelled' | 'getPeer' | 'getAuthContext' | 'metadata'
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

  get certificate(): ClientCertificate | undefined {
    // grpc-js answers it for connections only whose certificate was verified.
    return readCertificate(this.#call.getAuthContext().sslPeerCertificate);
  }

  get bearer(): string | undefined {
    const [header] = this.#call.metadata.get('authorization');
    return bearerOf(typeof header === 'string' ? header : undefined);
  }

  get traceparent(): string | undefined {
    const [header] = this.#call.metadata.get('traceparent');
    return typeof header === 'string' ? header : undefined;
  }

  get forwarded(): boolean {
    return PROXY_HEADERS.some((name) => this.#call.metadata.get(name).length > 0);
  }
}
