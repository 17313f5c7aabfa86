import { variables } from './config-variables.js';

/** The variables as a table in Markdown, for the README: name, default, meaning. */
export function configTable(): string {
  const rows = Object.entries(variables).map(([name, { preset, zh, en }]) => [
    `\`${name}\``,
    preset && `\`${preset}\``,
    `${zh} · ${en}`,
  ]);
  const lines = [['variable', 'default', 'meaning'], ['---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
