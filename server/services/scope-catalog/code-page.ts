import { decodePageToken, encodePageToken, type ListIdentity } from '../page-token.js';

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  readonly isFirst: boolean;
}

/**
 * A page of rows in code order. The token holds the last code seen, so that a release published
 * between two pages neither repeats nor loses a code that both have.
 */
export function pageByCode<Row>(
  rows: readonly Row[],
  codeOf: (row: Row) => string,
  request: { readonly list: ListIdentity; readonly token: string; readonly size: number },
): Page<Row> {
  const after = decodePageToken(request.list, request.token);
  const rest = after === '' ? rows : rows.filter((row) => codeOf(row) > after);
  const page = rest.slice(0, request.size);
  const last = page.at(-1);
  const more = last !== undefined && rest.length > page.length;
  return {
    rows: page,
    nextPageToken: more ? encodePageToken(request.list, codeOf(last)) : '',
    isFirst: after === '',
  };
}
