import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createConnectHandler } from './connect.js';
import { createStopController, type Door } from './door.js';
import { nodeStopping, type LogDefect } from './errors.js';
import { createPages } from './pages.js';
import type { BoundService } from './service.js';

/** Settings of the HTTP/1.1 door. */
export interface HttpDoorOptions {
  /** Writes defects to the log. */
  readonly log: LogDefect;
  /** Further pages, such as metrics: a listener, or undefined when the path is none of them. */
  readonly pages?: (request: IncomingMessage) => RequestListener | undefined;
  /** Bytes of one request; more is RESOURCE_EXHAUSTED. Unset: 16 MiB and a little. */
  readonly maxRequestBytes?: number;
  /** Milliseconds for the headers of a request. Unset: 10 s. */
  readonly headersTimeoutMs?: number;
}

/** How often idle connections are looked for while the node stops. */
const DRAIN_INTERVAL_MS = 50;

/**
 * Connect, gRPC-Web, JSON and pages over HTTP/1.1. It never listens: the front hands it
 * connections.
 */
export function createHttpDoor(services: readonly BoundService[], options: HttpDoorOptions): Door {
  const stopping = createStopController();
  const page = createPages(services);
  const rpc = createConnectHandler(services, { ...options, stopping: stopping.signal });
  const server = createHttpServer(options, (req, res) => {
    if (stopping.signal.aborted) res.setHeader('Connection', 'close');
    const listener = rpc(req) ?? options.pages?.(req) ?? page(req);
    listener(req, res);
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
  const headersTimeout = options.headersTimeoutMs ?? 10_000;
  const server = createServer(
    {
      headersTimeout,
      requestTimeout: 5 * 60_000,
      connectionsCheckingInterval: Math.min(5000, headersTimeout),
      // Longer than the idle time of common load balancers, so that they close first.
      keepAliveTimeout: 65_000,
    },
    listener,
  );
  // Node starts its watch over slow and idle connections with this event, and only then.
  server.emit('listening');
  return server;
}
