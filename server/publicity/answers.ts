import type { IncomingMessage, ServerResponse } from 'node:http';
import { PAGE_HEADERS } from '../doors/page-headers.js';
import { TAGS, type Language } from './language.js';
import { PAGE_SECONDS, type Page } from './page-cache.js';
import type { StaticFile } from './static-files.js';

/** What every answer says of how it may be used: no script, nothing from elsewhere, in no frame. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ...PAGE_HEADERS,
} as const;
const HTML = 'text/html; charset=utf-8';
const DAY_SECONDS = 86_400;

/** Answers with a page, or that the reader has it already. */
export function sendPage(
  req: IncomingMessage,
  res: ServerResponse,
  page: Page,
  language: Language,
): void {
  const varies = { ...HEADERS, Vary: 'Accept, Accept-Language' };
  const kept = { ...varies, 'Cache-Control': `public, max-age=${PAGE_SECONDS}` };
  if ('location' in page) {
    res.writeHead(303, { ...kept, Location: page.location, 'Content-Length': 0 }).end();
    return;
  }
  const tagged = { ...kept, ETag: page.etag };
  if (knows(req.headers['if-none-match'], page.etag)) {
    res.writeHead(304, tagged).end();
    return;
  }
  const headers = { ...tagged, 'Content-Type': HTML, 'Content-Language': TAGS[language] };
  res
    .writeHead(200, { ...headers, 'Content-Length': page.body.length })
    .end(bodyFor(req, page.body));
}

/** Answers with a page that nobody keeps. */
export function sendNotice(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  document: string,
  retrySeconds?: number,
): void {
  const body = Buffer.from(document, 'utf8');
  res
    .writeHead(status, {
      ...HEADERS,
      'Cache-Control': 'no-store',
      'Content-Type': HTML,
      'Content-Length': body.length,
      ...(retrySeconds !== undefined && { 'Retry-After': retrySeconds }),
    })
    .end(bodyFor(req, body));
}

/** Answers with a file that never changes under its path. */
export function sendFile(req: IncomingMessage, res: ServerResponse, file: StaticFile): void {
  res
    .writeHead(200, {
      ...HEADERS,
      'Cache-Control': `public, max-age=${365 * DAY_SECONDS}, immutable`,
      'Content-Type': file.type,
      'Content-Length': file.body.length,
    })
    .end(bodyFor(req, file.body));
}

function bodyFor({ method }: IncomingMessage, body: Buffer): Buffer | undefined {
  return method === 'HEAD' ? undefined : body;
}

/** Whether `If-None-Match` names the tag; compared weakly, as a proxy may have weakened it. */
function knows(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
