import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { codeToHttpStatus } from '@connectrpc/connect/protocol-connect';
import type { Identify } from '../access/identity.js';
import { callerOf } from '../doors/credentials.js';
import { CODE_OF_REASON, toHubError, type LogDefect } from '../doors/errors.js';
import { sendText } from '../doors/http-text.js';
import { PAGE_HEADERS } from '../doors/page-headers.js';
import type { Pages } from '../doors/pages.js';
import type { Caller } from '../doors/service.js';
import { requireRole } from '../domain/access/judge.js';
import type { HubError } from '../domain/errors.js';
import type { ShownQueue } from '../queues/engine.js';
import { forgetCookie, keepInCookie, tokenInCookie } from './session-cookie.js';

const ROOT = '/console/queues';
const SESSION = `${ROOT}/session`;

/** Whoever may see how the node does may see its queues. */
const RIGHT = 'zhengzhao.v1.DataCenter/GetNodeStatus';

/**
 * As strict as the console's. Unlike it, bull-board's page names its own address (`<base>`) and has
 * styles inside the page and its elements, which say how things look and can't run.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  ...PAGE_HEADERS,
} as const;

/** What the pages of the queues need. */
export interface QueueBoardParts {
  /** Tells who calls. */
  readonly identify: Identify;
  /** Opens the queues to look at; called when somebody looks for the first time. */
  readonly open: () => readonly ShownQueue[];
  /** Writes defects to the log. */
  readonly log: LogDefect;
}

/**
 * 队列内部 below `/console/queues/`: what BullMQ holds at this moment, for administrators, to look at
 * and not to touch. A browser shows no token when it goes to a page, so `POST …/session` with one
 * keeps it in a cookie for these pages alone, and `DELETE` forgets it; whom it proves is asked again
 * with every request.
 */
export function createQueueBoard(parts: QueueBoardParts): Pages {
  let loaded: Promise<RequestListener> | undefined;
  const board = (): Promise<RequestListener> => {
    loaded ??= load(parts);
    loaded.catch(() => (loaded = undefined));
    return loaded;
  };
  return ({ url = '' }) => {
    const [path = ''] = url.split('?', 1);
    if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return undefined;
    return (req, res) => {
      for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
      const answer = path === SESSION ? session(req, res, parts) : show(req, res, parts, board);
      answer.catch((error: unknown) => refuse(res, toHubError(error, parts.log, path)));
    };
  };
}

/** The program of the board is loaded with the first look, so that no start waits for it. */
async function load({ open, log }: QueueBoardParts): Promise<RequestListener> {
  const { createBoard } = await import('./board.js');
  const explain = (error: unknown): string => textOf(toHubError(error, log, ROOT));
  return createBoard({ path: ROOT, queues: open(), explain });
}

async function show(
  req: IncomingMessage,
  res: ServerResponse,
  parts: QueueBoardParts,
  board: () => Promise<RequestListener>,
): Promise<void> {
  const caller = callerOf(req);
  await admit({ ...caller, bearer: caller.bearer ?? tokenInCookie(req) }, parts);
  if (req.method !== 'GET' && req.method !== 'HEAD') return readOnly(res);
  (await board())(req, res);
}

async function session(
  req: IncomingMessage,
  res: ServerResponse,
  parts: QueueBoardParts,
): Promise<void> {
  if (req.method !== 'POST' && req.method !== 'DELETE') return wrongMethod(res);
  const caller = callerOf(req);
  if (req.method === 'POST') await admit(caller, parts);
  const token = req.method === 'POST' ? caller.bearer : undefined;
  const cookie = token === undefined ? forgetCookie(ROOT, req) : keepInCookie(token, ROOT, req);
  res.writeHead(204, { 'Set-Cookie': cookie }).end();
}

async function admit(caller: Caller, { identify }: QueueBoardParts): Promise<void> {
  requireRole(await identify(caller), RIGHT);
}

function refuse(res: ServerResponse, error: HubError): void {
  if (res.headersSent) return void res.destroy();
  const status = codeToHttpStatus(CODE_OF_REASON[error.reason] as number);
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  sendText(res, status, textOf(error));
}

function textOf({ text }: HubError): string {
  return `${text.zh}\n${text.en}`;
}

function readOnly(res: ServerResponse): void {
  sendText(
    res,
    405,
    '此处只能查看队列。重新投递请用控制台“投递与死信”,或 npx hub deliveries retry。\n' +
      'Queues are only shown here. Send again in the console, Deliveries, or by npx hub deliveries retry.',
  );
}

function wrongMethod(res: ServerResponse): void {
  sendText(res, 405, '请使用 POST 或 DELETE 方法。\nUse the POST or DELETE method.');
}
