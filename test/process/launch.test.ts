import { spawn } from 'node:child_process';
import {
  appendFile,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentWith } from '../../launch/program.js';

const PROJECT = join(import.meta.dirname, '../..');
const SHIPPED = [
  ...['cli', 'clients', 'conformance', 'launch', 'migrations', 'proto/gen', 'server', 'trial'],
];
const SETTINGS = ['package.json', 'tsconfig.json'];

describe('a checkout', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'zhengzhao-launch-'));
    for (const name of [...SHIPPED, ...SETTINGS])
      await cp(join(PROJECT, name), join(checkout, name), { recursive: true });
    await symlink(join(PROJECT, 'node_modules'), join(checkout, 'node_modules'));
  });
  afterEach(() => rm(checkout, { recursive: true }));

  /** Everything that `hub --help` writes. */
  function help(): Promise<string> {
    const child = spawn(process.execPath, [join(checkout, 'cli/hub.js'), '--help'], {
      env: environmentWith({}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => {
        resolve(text);
      });
    });
  }

  const builds = (): Promise<string[]> => readdir(join(checkout, 'dist'));
  const edit = (code: string): Promise<void> => appendFile(join(checkout, 'cli/main.ts'), code);

  it('is compiled once, and never runs what its sources no longer say', async () => {
    expect(await help()).toContain('Usage: hub');
    const [first = '', ...more] = await builds();
    expect(more).toEqual([]);
    await appendFile(
      join(checkout, 'dist', first, 'cli.main.js'),
      "\nconsole.log('BUILT BEFORE');",
    );
    expect(await help()).toContain('BUILT BEFORE');

    await edit("\nprocess.stdout.write('EDITED');\n");
    const edited = await help();
    expect(edited).toContain('EDITED');
    expect(edited).not.toContain('BUILT BEFORE');
  });

  it('is compiled by processes that start at once, and keeps one build', async () => {
    const helped = await Promise.all([help(), help(), help()]);
    for (const text of helped) expect(text).toContain('Usage: hub');
    expect(await builds()).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
  });

  it('starts from its sources where no build can be written', async () => {
    // Also root can not make a folder of it.
    await writeFile(join(checkout, 'dist'), '');
    expect(await help()).toContain('Usage: hub');
    await edit("\nprocess.stdout.write('EDITED');\n");
    expect(await help()).toContain('EDITED');
  });

  it('tells the line of the source when something fails', async () => {
    await edit("\n\nthrow new Error('as the test wants');\n");
    const lines = (await readFile(join(checkout, 'cli/main.ts'), 'utf8')).split('\n');
    const line = lines.findIndex((one) => one.includes('as the test wants')) + 1;
    expect(await help()).toContain(`cli/main.ts:${line}:7`);
  });
});
