import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  Server as TlsServer,
  type PeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { limitConnections, type ConnectionLimits } from './connection-limits.js';
import type { Door } from './door.js';
import { awaitFirstBytes } from './first-bytes.js';

/** A certificate for the port, in PEM. */
export interface FrontTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /**
   * Who signs the clients' certificates. Given, clients are asked for one (mutual TLS): one that it
   * did not sign is turned away, and who shows none must prove otherwise who it is.
   */
  readonly ca?: string | Buffer;
}

/** Milliseconds for the first bytes of a connection, or for its handshake. */
export const FIRST_BYTES_MS = 10_000;

/** Settings of the front. */
export interface FrontOptions {
  readonly grpc: Door;
  readonly http: Door;
  /** Unset: plaintext. */
  readonly tls?: FrontTls | undefined;
  /** Milliseconds for the first bytes of a connection, or for its handshake. Unset: 10 s. */
  readonly firstBytesMs?: number;
  /** Unset: as many as the machine bears. */
  readonly connections?: ConnectionLimits | undefined;
}

/** The one port of a node. */
export interface Front {
  /** Starts to accept; `port` 0 takes a free one. Answers the port. Rejects when it is taken. */
  listen(host: string, port: number): Promise<number>;
  /** Takes another certificate for the connections to come. Throws when it does not fit its key. */
  renew(tls: FrontTls): void;
  /**
   * Accepts nothing more, lets calls in flight finish for up to `graceMs` (unset: 10 s), then
   * ends what is left. Streams end at once, with UNAVAILABLE. Safe to repeat.
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * One port for all protocols: HTTP/2 goes to the gRPC door, everything else to the HTTP/1.1 door.
 * In plaintext the first bytes tell; with TLS what the client offers (ALPN).
 */
export function createFront(options: FrontOptions): Front {
  const firstBytesMs = options.firstBytesMs ?? FIRST_BYTES_MS;
  const undecided = new Set<Socket>();
  const server = options.tls
    ? acceptTls(options, options.tls, firstBytesMs)
    : acceptPlain(options, undecided, firstBytesMs);
  const sockets = trackSockets(server);
  if (options.connections) limitConnections(server, options.connections);
  let closing: Promise<void> | undefined;
  const close = async (graceMs: number) => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of undecided) socket.destroy();
    options.grpc.stop();
    options.http.stop();
    await waitAtMost(closed, graceMs);
    options.grpc.destroy();
    options.http.destroy();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    listen: (host, port) => listen(server, host, port),
    renew: (tls) => {
      if (server instanceof TlsServer) server.setSecureContext(contextOf(tls));
    },
    close: (graceMs = 10_000) => (closing ??= close(graceMs)),
  };
}

function acceptPlain(
  { grpc, http }: FrontOptions,
  undecided: Set<Socket>,
  firstBytesMs: number,
): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => undecided.delete(socket));
    undecided.add(socket);
    awaitFirstBytes(socket, firstBytesMs, (http2) => {
      undecided.delete(socket);
      (http2 ? grpc : http).accept(socket);
    });
  });
}

function acceptTls({ grpc, http }: FrontOptions, tls: FrontTls, handshakeTimeout: number): Server {
  const server = createTlsServer({
    ...contextOf(tls),
    requestCert: tls.ca !== undefined,
    // A caller may have a token instead; whoever shows a certificate must show a good one (below).
    rejectUnauthorized: false,
    handshakeTimeout,
    allowHalfOpen: true,
    noDelay: true,
    // Browsers and curl offer both; only what speaks nothing else is gRPC.
    ALPNCallback: ({ protocols }) => ['http/1.1', 'h2'].find((name) => protocols.includes(name)),
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    if (!showsGoodCertificate(socket)) return void socket.destroy();
    (socket.alpnProtocol === 'h2' ? grpc : http).accept(socket);
  });
  server.on('tlsClientError', (_, socket) => socket.destroy());
  return server;
}

function contextOf({ cert, key, ca }: FrontTls): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) };
}

/** Reading a certificate costs as much as a small call, so it is done once for a connection. */
function showsGoodCertificate(socket: TLSSocket): boolean {
  const certificate = socket.getPeerCertificate();
  socket.getPeerCertificate = (() => certificate) as TLSSocket['getPeerCertificate'];
  const shown = (certificate as PeerCertificate | null)?.raw !== undefined;
  return !shown || socket.authorized;
}

function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function waitAtMost(event: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([event, expired]);
  clearTimeout(timer);
}
