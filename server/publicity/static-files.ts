import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file that all pages share. Its path changes with its content, so that it is kept for good. */
export interface StaticFile {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

function staticFile(name: string, extension: string, type: string): StaticFile {
  const body = readFileSync(new URL(`${name}.${extension}`, import.meta.url));
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/${name}-${digest}.${extension}`, type, body };
}

/** How the pages look. */
export const STYLE = staticFile('publicity', 'css', 'text/css; charset=utf-8');
/** Their sign in the tabs of a browser. */
export const ICON = staticFile('publicity', 'svg', 'image/svg+xml');
/** All of them by path. */
export const STATIC_FILES: ReadonlyMap<string, StaticFile> = new Map(
  [STYLE, ICON].map((file) => [file.path, file]),
);
