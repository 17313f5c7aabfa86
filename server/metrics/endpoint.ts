import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the endpoint shows. */
export interface EndpointParts {
  /** Metrics in the text format of Prometheus. Throws when they can't be had. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  /** Why the process can't work just now; undefined when it can. */
  readonly unready: () => Promise<string | undefined>;
}

/** An open endpoint. */
export interface Endpoint {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics`, `/livez` (the process answers) and `/readyz` (it can work: 503 with a reason
 * when not). A port of its own, so that workers have one too and nobody outside can reach it.
 */
export async function openEndpoint(
  host: string,
  port: number,
  parts: EndpointParts,
): Promise<Endpoint> {
  const server = createServer({ requestTimeout: 10_000 }, listener(parts));
  server.maxConnections = 50;
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const PLAIN = 'text/plain; charset=utf-8';

function listener(parts: EndpointParts): RequestListener {
  return (request, response) => {
    void pageFor(request.url ?? '', parts)
      .catch((): Page => ({ status: 503, type: PLAIN, text: '暂不可用 · not available\n' }))
      .then(({ status, type, text }) => {
        response.writeHead(status, { 'content-type': type }).end(text);
      });
  };
}

async function pageFor(url: string, parts: EndpointParts): Promise<Page> {
  switch (url.split('?')[0]) {
    case '/metrics':
      return { status: 200, type: parts.contentType, text: await parts.metrics() };
    case '/livez':
      return { status: 200, type: PLAIN, text: 'ok\n' };
    case '/readyz': {
      const reason = await parts.unready();
      return { status: reason === undefined ? 200 : 503, type: PLAIN, text: `${reason ?? 'ok'}\n` };
    }
    default:
      return { status: 404, type: PLAIN, text: '/metrics, /livez, /readyz\n' };
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
