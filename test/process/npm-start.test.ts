import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { environmentWith } from '../../launch/program.js';
import { freshSchema } from '../support/database.js';

it('npm start that is told to stop stops its node, and leaves no process behind', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-npm-'));
  const npm = spawn('npm', ['start', '--silent'], {
    env: environmentWith({
      HUB_PORT: '0',
      HUB_DATA_DIR: directory,
      HUB_DATABASE_URL: inject('databaseUrl'),
      HUB_DATABASE_SCHEMA: freshSchema(),
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!told.includes('listening') && text.includes('listening')) npm.kill('SIGTERM');
    told += text;
  });
  // The output ends when the last process that holds it has ended, the node's own too.
  await new Promise((resolve) => npm.once('close', resolve));
  expect(told).toContain('SIGTERM: 正在停止 · stopping');
  await rm(directory, { recursive: true });
});
