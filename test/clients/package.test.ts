import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { validLicence } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const execute = promisify(execFile);
const NAME = 'zhengzhao-hub-client';
const EXAMPLES = ['register', 'records', 'enterprise'] as const;

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function manifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest;
}

describe('the packed client in an empty folder', () => {
  let folder: string;
  let node: TestNode;
  const installed = (): string => join(folder, 'node_modules', NAME);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zhengzhao-client-'));
    await execute('npm', ['run', 'build:clients']);
    const { stdout } = await execute('npm', ['pack', './clients', '--pack-destination', folder]);
    await mkdir(installed(), { recursive: true });
    const tarball = join(folder, stdout.trim().split('\n').at(-1) ?? '');
    await execute('tar', ['xzf', tarball, '-C', installed(), '--strip-components=1']);
    // What it declares, as an installation would bring it, and nothing else.
    const { dependencies } = await manifest(join(installed(), 'package.json'));
    for (const name of Object.keys(dependencies)) {
      const place = join(folder, 'node_modules', name);
      await mkdir(dirname(place), { recursive: true });
      await symlink(resolve('node_modules', name), place);
    }
    for (const name of EXAMPLES) {
      const example = await readFile(join(installed(), `examples/${name}.mjs`), 'utf8');
      await writeFile(join(folder, `${name}.mjs`), example);
    }
    node = await startTestNode({ HUB_REGION: '330000' });
  });
  afterAll(async () => {
    await node.stop();
    await rm(folder, { recursive: true });
  });

  const run = async (...args: string[]): Promise<string> =>
    (await execute(process.execPath, args, { cwd: folder })).stdout;

  it('R16 R34 connects a registration system by the example alone, and is taken once', async () => {
    const first = await run('register.mjs', node.address);
    expect(first).toContain('可受理 acceptable');
    expect(first).toContain('→ 浙江省市场监督管理局 (R15 3.2.4)');
    const [, receiptNo] = /回执 receipt (\S+) \n/.exec(first) ?? [];
    expect(receiptNo).toMatch(/^330000/);
    expect(await run('register.mjs', node.address)).toContain(`回执 receipt ${receiptNo} 重复`);
  });

  it('R49 reports records from a file with one call', async () => {
    const records = [validLicence({}, { number: 1 }), validLicence({ licNo: '无' }, { number: 2 })];
    const lines = records.map((record) => JSON.stringify(toJson(RecordSchema, record)));
    await writeFile(join(folder, 'records.ndjson'), `${lines.join('\n')}\n`);
    const told = await run('records.mjs', 'records.ndjson', node.address);
    expect(told).toMatch(
      /^LIC-1 回执 receipt 330000\S+\nLIC-2 退回 refused: .+\n {2}licence\.lic_no: \S+/,
    );
  });

  it('looks an enterprise up as a page does', async () => {
    const url = `http://${node.address}`;
    const { enterpriseName } = (await import(
      pathToFileURL(join(folder, 'enterprise.mjs')).href
    )) as { enterpriseName(baseUrl: string, uscc: string): Promise<string> };
    await run('register.mjs', node.address);
    expect(await enterpriseName(url, '91330902MA288001XC')).toBe('舟山示例餐饮管理有限公司');
  });

  it('gives the types that the examples are written with', async () => {
    const complaints = await run(
      resolve('node_modules/typescript/bin/tsc'),
      ...[
        '--noEmit',
        '--checkJs',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2022',
      ],
      ...['--types', 'node', '--typeRoots', 'node_modules/@types'],
      ...EXAMPLES.map((name) => `${name}.mjs`),
    );
    expect(complaints).toBe('');
  });

  it('holds nothing of the server, and its web entry nothing of Node', async () => {
    const files = await readdir(installed(), { recursive: true });
    expect(files.filter((file) => /server|test\//.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/LICENSE']));
    const reached = await importsFrom(join(installed(), 'dist/clients/entries/web.js'));
    expect(reached.size).toBeGreaterThan(5);
    expect([...reached].filter((one) => /^node:|grpc-js|connect-node/.test(one))).toEqual([]);
  });

  it('is described as it is: version, dependencies and the examples in its README', async () => {
    const [own, root] = [await manifest('clients/package.json'), await manifest('package.json')];
    expect(own.version).toBe(root.version);
    const known = { ...root.devDependencies, ...root.dependencies };
    for (const [name, range] of Object.entries(own.dependencies))
      expect([name, range]).toEqual([name, known[name]]);
    const readme = await readFile('clients/README.md', 'utf8');
    for (const name of EXAMPLES)
      expect(readme).toContain((await readFile(`clients/examples/${name}.mjs`, 'utf8')).trim());
    for (const entry of Object.keys(own.exports).filter((one) => /^\.\/\w+$/.test(one)))
      expect(readme).toContain(`\`${NAME}${entry.slice(1)}\``);
  });
});

/** Everything that a module imports, and what that imports, within the package by its file. */
async function importsFrom(file: string, reached = new Set<string>()): Promise<Set<string>> {
  if (reached.has(file)) return reached;
  reached.add(file);
  const code = await readFile(file, 'utf8');
  for (const [, name = ''] of code.matchAll(/\b(?:from|import)\s*\(?'([^']+)'/g)) {
    if (name.startsWith('.')) await importsFrom(join(dirname(file), name), reached);
    else reached.add(name);
  }
  return reached;
}
