/** Said at the top of every page that is made. */
export const MADE =
  '<!-- 由 npm run docs 生成,请勿手工修改 · made by npm run docs; do not edit by hand -->';

/** A table in Markdown. Cells may hold Markdown; what would end a cell is escaped. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map(cellOf).join(' | ')} |`,
  );
  return lines.join('\n');
}

function cellOf(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}

/** The place that a heading of GitHub's Markdown has, for headings of letters and digits. */
export function anchorOf(heading: string): string {
  return `#${heading.toLowerCase()}`;
}
