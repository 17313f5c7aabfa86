import { status, type ServerInterceptor, type ServerInterceptingCall } from '@grpc/grpc-js';
import { undecodable } from './errors.js';
import { grpcStatusOf } from './grpc-status.js';

/** What grpc-js says, with INTERNAL, of a call whose frames or headers are broken. */
const BROKEN = /^(Failed to decompress message|Invalid grpc-timeout value)/;

/**
 * Answers UNDECODABLE where grpc-js blames itself for what the caller sent. The library ends such
 * calls below all interceptors, through this one method of the call.
 */
export const explainBrokenCalls: ServerInterceptor = (_, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (end) => {
    const broken = end.code === status.INTERNAL && BROKEN.test(end.details ?? '');
    send(broken ? { ...end, ...grpcStatusOf(undecodable(end)) } : end);
  };
  // Nothing is intercepted; a wrapper would only cost, on every call.
  return call as ServerInterceptingCall;
};
