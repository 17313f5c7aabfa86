import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Caller } from './service.js';

/** Answers with plain text in UTF-8. */
export function sendText(res: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`, 'utf8');
  res.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(body);
}

/** The caller at the other end of a connection. */
export function callerOf(socket: Socket): Caller {
  const peer = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return { peer };
  const name = socket.getPeerCertificate().subject?.CN;
  return { peer, certificateName: Array.isArray(name) ? name[0] : name };
}
