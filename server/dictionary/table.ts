import pg from 'pg';
import type { Column } from './columns.js';

/** A table of a library: some columns of the hub's own, then those of the dictionary. */
export interface Table {
  readonly name: string;
  /** What the table is, Chinese and English. */
  readonly comment: string;
  /** Definitions of the hub's own columns and constraints. */
  readonly own: readonly string[];
  readonly columns: readonly Column[];
  /** What follows the type of a column of the dictionary, such as a default. */
  readonly extras?: Readonly<Record<string, string>>;
}

/** A name in a schema, quoted. */
export function qualified(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/**
 * Makes the table, or adds to it what the dictionary has and it has not; running it again changes
 * nothing. Like Protobuf, tables grow only: a migration that runs this again is all that a new
 * field needs, also in a database of somebody else.
 */
export function tableSql(schema: string, { name, comment, own, columns, extras }: Table): string {
  const table = qualified(schema, name);
  return [
    `create table if not exists ${table} (\n  ${own.join(',\n  ')}\n);`,
    `comment on table ${table} is ${pg.escapeLiteral(comment)};`,
    ...columns.map(
      (column) =>
        `alter table ${table} add column if not exists ${pg.escapeIdentifier(column.name)} ` +
        `${[column.sqlType, extras?.[column.name] ?? ''].join(' ').trim()};`,
    ),
    columnCommentsSql(schema, { name, columns }),
  ].join('\n');
}

/** What the columns of a table mean and may hold; locks out neither readers nor writers. */
export function columnCommentsSql(
  schema: string,
  { name, columns }: Pick<Table, 'name' | 'columns'>,
): string {
  const table = qualified(schema, name);
  return columns
    .map(
      (column) =>
        `comment on column ${table}.${pg.escapeIdentifier(column.name)} is ${pg.escapeLiteral(column.comment)};`,
    )
    .join('\n');
}
