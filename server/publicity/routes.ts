import type { Part } from './enterprise-page.js';
import { KINDS } from './words.js';

/** What an address asks for. */
export type Route =
  | { readonly page: 'search'; readonly query: string; readonly after: string }
  | { readonly page: 'enterprise'; readonly uscc: string; readonly part: Part }
  | { readonly page: 'none' };

/** The page of a path with its parameters. */
export function routeOf(path: string, parameters: URLSearchParams): Route {
  if (path === '/') {
    const query = (parameters.get('q') ?? '').trim();
    return { page: 'search', query, after: parameters.get('after') ?? '' };
  }
  const [, uscc] = /^\/enterprises\/([0-9A-Za-z]{18})$/.exec(path) ?? [];
  if (uscc === undefined) return { page: 'none' };
  return { page: 'enterprise', uscc: uscc.toUpperCase(), part: partOf(parameters) };
}

function partOf(parameters: URLSearchParams): Part {
  const kind = KINDS.find((one) => one === parameters.get('kind'));
  const [page] = /^\d{1,4}$/.exec(parameters.get('page') ?? '') ?? ['1'];
  return { kind, page: Math.max(1, Number(page)) };
}
