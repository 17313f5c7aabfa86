import type { ComponentChildren } from 'preact';
import type { Asked, AskedList } from '../hub/asking.js';
import { useWords } from '../words/language.js';
import { Failure } from './failure.js';
import { Table, type Column } from './table.js';

interface ShownProps<T> {
  readonly of: Asked<T>;
  readonly children: (answer: T) => ComponentChildren;
}

/** What was answered, what failed, or that it is still being read; an older answer stays meanwhile. */
export function Shown<T>({ of: asked, children }: ShownProps<T>) {
  const words = useWords();
  const { answer, failure, pending, again } = asked;
  return (
    <div class="shown" aria-busy={pending}>
      <Failure of={failure} again={again} />
      {answer !== undefined && children(answer)}
      {answer === undefined && pending && <p class="none">{words.loading}</p>}
    </div>
  );
}

interface ListProps<T> {
  readonly of: AskedList<T>;
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly keyOf: (row: T) => string;
  readonly none: string;
}

/** A list that shows more when it is asked to. */
export function List<T>({ of: asked, caption, columns, keyOf, none }: ListProps<T>) {
  const words = useWords();
  return (
    <Shown of={asked}>
      {({ rows, next }) => (
        <>
          <Table
            caption={caption}
            hideCaption
            columns={columns}
            rows={rows}
            keyOf={keyOf}
            none={none}
          />
          {next !== '' && (
            <button type="button" onClick={asked.more} disabled={asked.pending}>
              {words.more}
            </button>
          )}
        </>
      )}
    </Shown>
  );
}
