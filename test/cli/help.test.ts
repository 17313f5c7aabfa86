import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../cli/answer.js';
import { createProgram, everyCommand } from '../../cli/program.js';
import { hub } from '../support/command-line.js';

const BILINGUAL = /\p{Script=Han}.* · .*[a-z]{2}/u;

function pathOf(command: Command): string {
  const above = command.parent ? `${pathOf(command.parent)} ` : '';
  return `${above}${command.name()}`;
}

const COMMANDS = everyCommand(createProgram()).map((command) => ({
  path: pathOf(command),
  command,
}));

describe('the command line', () => {
  it('has the commands that the README names', async () => {
    const readme = await readFile('README.md', 'utf8');
    const leaves = COMMANDS.filter(({ command }) => command.commands.length === 0);
    expect(leaves.length).toBeGreaterThan(14);
    for (const { path } of leaves) expect(readme).toContain(`\`${path}`);
    for (const code of Object.values(ExitCode))
      expect(readme).toMatch(new RegExp(`^\\| +${code} +\\|`, 'm'));
  });

  it.each(COMMANDS)('$path has help in Chinese and English, and --json', ({ command }) => {
    expect(command.description()).toMatch(BILINGUAL);
    for (const argument of command.registeredArguments)
      expect(argument.description).toMatch(BILINGUAL);
    for (const option of command.options) expect(option.description).toMatch(BILINGUAL);
    const help = command.helpInformation();
    expect(help).toContain('用法 · Usage:');
    expect(help).toContain('显示帮助 · shows this help');
    const isGroup = command.commands.length > 0;
    expect(command.options.some(({ long }) => long === '--json')).toBe(!isGroup);
  });

  it('runs by its path from anywhere, with help, and tells wrong usage in both languages', async () => {
    const help = await hub(['--help'], { cwd: tmpdir() });
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('退出码 · Exit codes:');
    const unknown = await hub(['packages', 'lost'], { cwd: tmpdir() });
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain("没有这个命令 · unknown command 'lost'");
    const incomplete = await hub(['packages', 'list', '--json'], { cwd: tmpdir() });
    expect([incomplete.code, incomplete.stderr]).toEqual([2, '']);
    expect(JSON.parse(incomplete.stdout)).toMatchObject({ error: { reason: 'USAGE' } });
  });
});
