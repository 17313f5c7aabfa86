import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { parse, serialize } from 'hono/utils/cookie';

const NAME = 'hub_queues';

/** The token in the cookie of a request; undefined: none. */
export function tokenInCookie({ headers }: IncomingMessage): string | undefined {
  return parse(headers.cookie ?? '', NAME)[NAME];
}

/**
 * `Set-Cookie` that keeps a token until the browser is closed, for the paths below `path` alone. No
 * script can read it and no other site can make the browser send it.
 */
export function keepInCookie(token: string, path: string, request: IncomingMessage): string {
  return serialize(NAME, token, optionsOf(path, request));
}

/** `Set-Cookie` that forgets it. */
export function forgetCookie(path: string, request: IncomingMessage): string {
  return serialize(NAME, '', { ...optionsOf(path, request), maxAge: 0 });
}

function optionsOf(path: string, { socket, headers }: IncomingMessage) {
  // A proxy's word is enough here: to be believed wrongly it would only withhold the cookie.
  const secure = socket instanceof TLSSocket || headers['x-forwarded-proto'] === 'https';
  return { path, secure, httpOnly: true, sameSite: 'Strict' } as const;
}
