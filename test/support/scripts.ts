import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentWith } from '../../launch/program.js';
import type { Ended } from './command-line.js';

const PROJECT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/**
 * Runs what `npm run SCRIPT -- ARGS` runs, a process of its own; only npm itself, which takes as long
 * as the command, is left out. `env`: its HUB_* variables.
 */
export function runScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const [program, ...words] = (scripts[script] ?? '').split(' ');
  if (program !== 'node') throw new Error(`the script ${script} is no Node program`);
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: PROJECT,
    env: environmentWith(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code: code ?? signal ?? 'SIGKILL', stdout, stderr });
    });
  });
}
