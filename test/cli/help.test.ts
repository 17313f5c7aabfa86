import { readdir, readFile } from 'node:fs/promises';
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

/** What the documents tell people to type after `hub`, without options and what stands for a value. */
async function commandsInDocuments(): Promise<string[]> {
  const guides = (await readdir('docs')).filter((name) => name.endsWith('.md'));
  const files = ['README.md', 'deploy/README.md', ...guides.map((name) => `docs/${name}`)];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const calls = texts.flatMap((text) => [...text.matchAll(/npx hub ((?:[a-z][a-z-]* ?)+)/g)]);
  return [...new Set(calls.map(([, words = '']) => words.trim()))];
}

describe('the command line', () => {
  it('has every command that a document tells to type', async () => {
    const typed = await commandsInDocuments();
    expect(typed.length).toBeGreaterThan(8);
    const known = COMMANDS.map(({ path }) => path);
    // The first words are the command, what follows may be an argument of it.
    const unknown = typed.filter((words) =>
      known.every((path) => path === 'hub' || !`hub ${words} `.startsWith(`${path} `)),
    );
    expect(unknown).toEqual([]);
  });

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
