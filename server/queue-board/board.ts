import type { RequestListener } from 'node:http';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import type { ShownQueue } from '../queues/engine.js';

/** What the board shows, and where. */
export interface BoardParts {
  /** Path of the board, without a slash at its end. */
  readonly path: string;
  readonly queues: readonly ShownQueue[];
  /** Told of what was thrown; answers the text for the browser. */
  readonly explain: (error: unknown) => string;
}

/** The page of bull-board asks another site for its typefaces; the node's pages ask nobody else. */
const FOREIGN_LINK = /<link href="https:[^>]*>/g;

/**
 * bull-board for the node's queues, to look at: sending again is the hub's own affair, with a name, a
 * reason and the audit. Who may look is decided before.
 */
export function createBoard({ path, queues, explain }: BoardParts): RequestListener {
  const adapter = new HonoAdapter(serveStatic);
  adapter.setBasePath(path);
  createBullBoard({
    queues: queues.map(({ queue }) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: {
      uiConfig: {
        boardTitle: '队列 · Queues',
        miscLinks: [{ text: '控制台 · Console', url: `${path}/..` }],
        hideDocsLink: true,
      },
    },
  });
  // bull-board tells the browser what was thrown; here that goes to the log.
  adapter.setErrorHandler((error) => ({ status: 500, body: { error: explain(error) } }));
  // Also with a slash at the end, where the page is.
  const app = new Hono({ strict: false });
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.get('content-type')?.startsWith('text/html')) return;
    context.res = context.html((await context.res.text()).replace(FOREIGN_LINK, ''));
  });
  app.route(path, adapter.registerPlugin());
  app.onError((error, context) => context.text(explain(error), 500));
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}
