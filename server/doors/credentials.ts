import type { IncomingMessage } from 'node:http';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import type { Caller, ClientCertificate } from './service.js';

/** Every connection shows one certificate object, however many calls it carries. */
const read = new WeakMap<PeerCertificate, ClientCertificate>();

/** What a verified certificate says; undefined when there is none. */
export function readCertificate(
  certificate: PeerCertificate | undefined,
): ClientCertificate | undefined {
  // Node answers an empty object for a client that shows none.
  if (!certificate?.fingerprint256) return undefined;
  const known = read.get(certificate) ?? {
    unit: single(certificate.subject.OU),
    name: single(certificate.subject.CN),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    validToMs: Date.parse(certificate.valid_to),
  };
  read.set(certificate, known);
  return known;
}

/** A subject may have several of a part, of which none is more right than the others. */
function single(part: string | string[] | undefined): string | undefined {
  return typeof part === 'string' ? part : undefined;
}

/** The token of an `Authorization` header; undefined when it is another kind, or there is none. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}

/** Headers by which proxies say that they passed a call on. Believed against a caller, never for it. */
export const PROXY_HEADERS = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'] as const;

/** Who sent an HTTP/1.1 request. Headers besides `Authorization` say nothing of it. */
export function callerOf({ socket, headers }: IncomingMessage): Caller {
  const peer = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
  const bearer = bearerOf(headers.authorization);
  const forwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  const traceparent = [headers['traceparent']].flat()[0];
  const caller = { peer, bearer, traceparent, forwarded };
  if (!(socket instanceof TLSSocket) || !socket.authorized) return caller;
  return { ...caller, certificate: readCertificate(socket.getPeerCertificate()) };
}
