import type { TestNode } from './nodes.js';

interface Column {
  readonly table_schema: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly data_type: string;
}

/**
 * Looks for a text in every column of every table of a node, its queue included, also inside bytes.
 * Answers where it was found.
 */
export async function searchNode(node: TestNode, text: string): Promise<string[]> {
  const columns = await node.sql<Column>(
    `select c.table_schema, c.table_name, c.column_name, c.data_type
       from information_schema.columns c join information_schema.tables t
         using (table_schema, table_name)
      where t.table_type = 'BASE TABLE' and c.table_schema in (?, ?)`,
    [node.schema, `${node.schema}_queue`],
  );
  const hex = Buffer.from(text).toString('hex');
  const tables = new Map<string, Column[]>();
  for (const one of columns) {
    const table = `"${one.table_schema}"."${one.table_name}"`;
    tables.set(table, [...(tables.get(table) ?? []), one]);
  }
  const found: string[] = [];
  for (const [table, columnsOfTable] of tables) {
    // A whole row as text shows bytes as hex: one question for most tables, which have nothing.
    const rows = await node.sql(
      `select 1 from ${table} as t where position(? in t::text) > 0 or position(? in t::text) > 0 limit 1`,
      [text, hex],
    );
    if (rows.length > 0)
      found.push(...(await searchColumns(node, table, columnsOfTable, text, hex)));
  }
  return found;
}

async function searchColumns(
  node: TestNode,
  table: string,
  columns: readonly Column[],
  text: string,
  hex: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const { table_name, column_name, data_type } of columns) {
    const bytes = data_type === 'bytea';
    const value = bytes ? `encode("${column_name}", 'hex')` : `"${column_name}"::text`;
    const rows = await node.sql(
      `select 1 from ${table} where position(? in ${value}) > 0 limit 1`,
      [bytes ? hex : text],
    );
    if (rows.length > 0) found.push(`${table_name}.${column_name}`);
  }
  return found;
}
