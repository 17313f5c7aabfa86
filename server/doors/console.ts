import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { sendText } from './http-text.js';
import { PAGE_HEADERS } from './page-headers.js';
import type { Pages } from './pages.js';

/** Where `npm run build:console` leaves the console. */
const BUILT = fileURLToPath(new URL('../../console/dist/', import.meta.url));

const ROOT = '/console/';
const INDEX = `${ROOT}index.html`;
/** What the build puts here has a digest of its content in its name. */
const HASHED = `${ROOT}assets/`;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The console runs its own script and style, calls its own node, and does nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface File {
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
  readonly gzipped: Buffer;
}

/**
 * 控制台: the built files of the console below `/console/`, read once, so that a path is one of them
 * or nothing. When there are none, a page says how to build them. `directory`: where they are; unset:
 * where the build leaves them.
 */
export function createConsole(directory: string = BUILT): Pages {
  const files = readFiles(directory);
  return (request) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path === '/console') return redirect;
    if (!path.startsWith(ROOT)) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') return wrongMethod;
    if (files.size === 0) return notBuilt;
    const file = files.get(path === ROOT ? INDEX : path);
    return file ? (req, res) => send(req, res, file) : notFound;
  };
}

function readFiles(directory: string): ReadonlyMap<string, File> {
  return new Map(
    namesBelow(directory).map((name) => {
      const path = ROOT + name;
      const content = readFileSync(join(directory, name));
      return [path, { headers: headersOf(path), content, gzipped: gzipSync(content) }];
    }),
  );
}

/** Names with `/` between folder and file; empty when the directory is not there. */
function namesBelow(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(directory, '/').length))
      .map((name) => name.replaceAll('\\', '/'));
  } catch {
    return [];
  }
}

function headersOf(path: string): Record<string, string> {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  return {
    'Content-Type': TYPES[extension] ?? 'application/octet-stream',
    'Cache-Control': path.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-store',
    'Content-Security-Policy': POLICY,
    ...PAGE_HEADERS,
    Vary: 'Accept-Encoding',
  };
}

function send(req: IncomingMessage, res: ServerResponse, file: File): void {
  const gzip = /\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''));
  const content = gzip ? file.gzipped : file.content;
  res.writeHead(200, {
    ...file.headers,
    ...(gzip && { 'Content-Encoding': 'gzip' }),
    'Content-Length': content.length,
  });
  res.end(req.method === 'HEAD' ? undefined : content);
}

const redirect: RequestListener = (_, res) =>
  void res.writeHead(308, { Location: 'console/', 'Content-Length': 0 }).end();

const wrongMethod: RequestListener = (_, res) =>
  sendText(res, 405, '请使用 GET 方法。\nUse the GET method.');

const notFound: RequestListener = (_, res) =>
  sendText(
    res,
    404,
    '控制台没有此页面,请从 /console/ 进入。\nThe console has no such page; begin at /console/.',
  );

const notBuilt: RequestListener = (_, res) =>
  sendText(
    res,
    503,
    '控制台尚未构建。请安装开发依赖,运行 npm run build:console,并重新启动节点。\n' +
      'The console has not been built. Install the development dependencies, run ' +
      'npm run build:console and start the node again.',
  );
