import type { z } from 'zod';
import {
  badPageToken,
  decodePageToken,
  encodePageToken,
  type ListIdentity,
} from '../page-token.js';

/** Parts of the key by which a list is ordered. */
export type PageKey = readonly (string | number)[];

/** A page token for the rows after a key. */
export function encodeKey(list: ListIdentity, key: PageKey): string {
  return encodePageToken(list, JSON.stringify(key));
}

/**
 * The key in a token; undefined for an empty token, which asks for the first page.
 * @throws HubError BAD_PAGE_TOKEN when it was not issued for this list or is no such key.
 */
export function decodeKey<Key>(
  list: ListIdentity,
  token: string,
  shape: z.ZodType<Key>,
): Key | undefined {
  const text = decodePageToken(list, token);
  if (text === '') return undefined;
  const parsed = shape.safeParse(parseJson(text));
  if (!parsed.success) throw badPageToken();
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badPageToken();
  }
}

/** A page of rows of which one more than fits was read, and the token of the next; empty on the last. */
export function cutPage<Row>(
  rows: readonly Row[],
  size: number,
  list: ListIdentity,
  keyOf: (row: Row) => PageKey,
): { readonly rows: readonly Row[]; readonly nextPageToken: string } {
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const more = rows.length > page.length && last !== undefined;
  return { rows: page, nextPageToken: more ? encodeKey(list, keyOf(last)) : '' };
}
