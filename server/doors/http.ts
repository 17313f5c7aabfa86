import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { createConnectHandler } from './connect.js';
import { createStopController, REQUEST_MS, type Door } from './door.js';
import { nodeStopping, type LogDefect } from './errors.js';
import type { HalfReceived } from './half-received.js';
import { createPages, type Pages } from './pages.js';
import type { BoundService } from './service.js';

/** Settings of the HTTP/1.1 door. */
export interface HttpDoorOptions {
  /** Writes defects to the log. */
  readonly log: LogDefect;
  /** Answers what must come no further, whatever it asks for. Unset: everything may. */
  readonly gate?: Pages | undefined;
  /** Further pages; the first that has a request's path answers it. Unset: none. */
  readonly pages?: readonly Pages[];
  /** Bytes of one request; more is RESOURCE_EXHAUSTED. Unset: 16 MiB and a little. */
  readonly maxRequestBytes?: number;
  /** Account of requests that have come in part, shared by the doors. Unset: its own. */
  readonly halfReceived?: HalfReceived;
  /** Milliseconds for the headers of a request. Unset: 10 s. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds in which a request must be whole. Unset: 2 minutes. */
  readonly requestMs?: number;
  /** Milliseconds after which a connection without calls is closed. Unset: 65 s. */
  readonly idleMs?: number;
  /** Milliseconds in which some of an answer must be taken by a slow reader. Unset: 2 minutes. */
  readonly stallMs?: number;
}

/** Milliseconds for the headers of a request. */
export const HEADERS_MS = 10_000;
/** Milliseconds after which a connection without calls is closed. */
export const HTTP_IDLE_MS = 65_000;

/** How often idle connections are looked for while the node stops. */
const DRAIN_INTERVAL_MS = 50;

/**
 * Connect, gRPC-Web, JSON and pages over HTTP/1.1. It never listens: the front hands it
 * connections.
 */
export function createHttpDoor(services: readonly BoundService[], options: HttpDoorOptions): Door {
  const stopping = createStopController();
  const rpc = createConnectHandler(services, { ...options, stopping: stopping.signal });
  const answers: readonly Pages[] = [
    ...(options.gate ? [options.gate] : []),
    rpc,
    ...(options.pages ?? []),
    createPages(services),
  ];
  const server = createHttpServer(options, (req, res) => {
    if (stopping.signal.aborted) res.setHeader('Connection', 'close');
    for (const listenerOf of answers) {
      const listener = listenerOf(req);
      if (listener) return listener(req, res);
    }
  });
  let draining: NodeJS.Timeout | undefined;
  return {
    accept(connection) {
      server.emit('connection', connection);
      // Bytes that were put back lie in the stream's buffer, out of reach of the parser.
      connection.resume();
    },
    stop() {
      if (stopping.signal.aborted) return;
      stopping.abort(nodeStopping());
      server.closeIdleConnections();
      draining = setInterval(() => server.closeIdleConnections(), DRAIN_INTERVAL_MS);
    },
    destroy() {
      clearInterval(draining);
      server.closeAllConnections();
      server.close();
    },
  };
}

function createHttpServer(options: HttpDoorOptions, listener: RequestListener): Server {
  const requestTimeout = options.requestMs ?? REQUEST_MS;
  const headersTimeout = Math.min(options.headersTimeoutMs ?? HEADERS_MS, requestTimeout);
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: Math.min(5000, headersTimeout),
      // Longer than the idle time of common load balancers, so that they close first.
      keepAliveTimeout: options.idleMs ?? HTTP_IDLE_MS,
    },
    listener,
  );
  closeStalled(server, options.stallMs ?? REQUEST_MS);
  // Node starts its watch over slow and idle connections with this event, and only then.
  server.emit('listening');
  return server;
}

/**
 * Closes a connection on which nothing moves although something is to be sent, and one that is idle
 * between two calls; a stream that has nothing to say for a while goes on.
 */
function closeStalled(server: Server, stallMs: number): void {
  const answering = new WeakSet<Socket>();
  server.on('request', ({ socket }, res) => {
    answering.add(socket);
    res.once('close', () => answering.delete(socket));
  });
  server.setTimeout(stallMs, (socket) => {
    if (!answering.has(socket) || socket.writableLength > 0) socket.destroy();
  });
}
