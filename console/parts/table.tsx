import type { ComponentChildren } from 'preact';
import { useWords } from '../words/language.js';

/** One column of a table. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Figures, whose digits stand below each other. */
  readonly figures?: boolean;
}

interface TableProps<T> {
  readonly caption: string;
  /** True: the caption is read by screen readers only, because a heading says the same. */
  readonly hideCaption?: boolean;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T, position: number) => string;
  /** Said instead of the table when there are no rows. Unset: that nothing is there. */
  readonly none?: string;
}

/**
 * Rows and columns; on a small screen each row is a card with its headings beside the values. The
 * roles are stated because a browser forgets them when rows are laid out as cards.
 */
export function Table<T>({ caption, hideCaption, columns, rows, keyOf, none }: TableProps<T>) {
  const words = useWords();
  if (rows.length === 0) return <p class="none">{none ?? words.nothing}</p>;
  return (
    <div class="table" role="region" aria-label={caption} tabIndex={0}>
      <table role="table">
        <caption class={hideCaption ? 'unseen' : undefined}>{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head, figures }) => (
              <th
                key={head}
                scope="col"
                role="columnheader"
                class={figures ? 'figures' : undefined}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row, position) => (
            <tr key={keyOf(row, position)} role="row">
              {columns.map(({ head, cell, figures }) => (
                <td key={head} role="cell" data-head={head} class={figures ? 'figures' : undefined}>
                  <div>{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
