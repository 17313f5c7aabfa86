import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askForAdvisories } from '../../dependencies/advisories.js';
import { judgeLockFile, type LockFile, type Manifest } from '../../dependencies/lock-file.js';

const SHA512 = `sha512-${'A'.repeat(86)}==`;
const SOUND = { version: '1.0.0', integrity: SHA512, license: 'MIT' };

/** Judges one package beside a sound one. */
function judge(
  one: LockFile['packages'][string],
  manifest: Manifest = {},
  licence?: string,
): string[] {
  const packages = { '': {}, 'node_modules/sound': SOUND, 'node_modules/x': one };
  return judgeLockFile({ lockfileVersion: 3, packages }, manifest, () => licence);
}

describe('the lock file', () => {
  it('of this project has nothing against it', async () => {
    const [lock, manifest] = await Promise.all(
      ['package-lock.json', 'package.json'].map(async (file) =>
        JSON.parse(await readFile(file, 'utf8')),
      ),
    );
    expect(Object.keys((lock as LockFile).packages).length).toBeGreaterThan(100);
    // Packages that name no licence in the lock file are read by the command itself.
    expect(judgeLockFile(lock as LockFile, manifest as Manifest, () => 'MIT')).toEqual([]);
  });

  it.each([
    ['bytes that are not tied down', { ...SOUND, integrity: undefined }, /has no SHA-512/],
    ['a digest that can be forged', { ...SOUND, integrity: 'sha1-AAAA' }, /has no SHA-512/],
    ['a repository', { ...SOUND, resolved: 'git+ssh://git@host/x.git#1' }, /not from a registry/],
    ['plain HTTP', { ...SOUND, resolved: 'http://host/x.tgz' }, /not from a registry/],
    ['a folder', { link: true, license: 'MIT' }, /link to a folder/],
    ['a licence that binds the whole', { ...SOUND, license: 'AGPL-3.0-only' }, /licence AGPL/],
    ['half a licence', { ...SOUND, license: 'MIT AND GPL-3.0-only' }, /licence MIT AND GPL/],
    ['no licence', { ...SOUND, license: undefined }, /licence none/],
    ["a tool's licence in production", { ...SOUND, license: 'MPL-2.0' }, /licence MPL/],
    ['an unknown install script', { ...SOUND, hasInstallScript: true }, /nobody has looked at/],
  ])('with %s is refused', (_, one, problem) => {
    expect(judge(one as LockFile['packages'][string])).toEqual([
      expect.stringMatching(problem) as string,
    ]);
  });

  it('with an install script is fine only while that is known and does not run', () => {
    const scripted = { ...SOUND, hasInstallScript: true };
    expect(judge(scripted, { allowScripts: { x: false } })).toEqual([]);
    expect(judge(scripted, { allowScripts: { x: true } })).toHaveLength(1);
    expect(judge(SOUND, { allowScripts: { x: false } })).toHaveLength(1);
  });

  it('may hold a choice of licences, a licence told elsewhere, and tools under more of them', () => {
    expect(judge({ ...SOUND, license: '(GPL-3.0-only OR MIT)' })).toEqual([]);
    expect(judge({ version: '1', integrity: SHA512 }, {}, 'ISC')).toEqual([]);
    expect(judge({ ...SOUND, license: 'MPL-2.0', dev: true })).toEqual([]);
  });

  it('of a project that wants something from elsewhere is refused', () => {
    for (const range of ['github:a/b', 'a/b', 'git+https://h/x', 'https://h/x.tgz', 'file:../x'])
      expect(judge(SOUND, { dependencies: { x: range } })).toHaveLength(1);
    expect(judge(SOUND, { dependencies: { x: '^1.2.0' }, devDependencies: { y: '~1' } })).toEqual(
      [],
    );
  });
});

describe('advisories', () => {
  /** A registry that knows one package. */
  async function registry(answer: (response: ServerResponse) => void) {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      request.resume().on('end', () => {
        if (request.method === 'POST') answer(response);
        else response.end(JSON.stringify(PACKUMENT));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    // What npm knows from before must not answer for it.
    const cache = await mkdtemp(join(tmpdir(), 'zhengzhao-npm-'));
    onTestFinished(() => rm(cache, { recursive: true, force: true }));
    const registry = `http://127.0.0.1:${port}/`;
    return { ...process.env, npm_config_registry: registry, npm_config_cache: cache };
  }

  const PACKUMENT = {
    name: 'zod',
    'dist-tags': { latest: '4.0.0' },
    versions: { '4.0.0': { name: 'zod', version: '4.0.0' } },
  };
  const advisory = (severity: string) => ({
    id: 1,
    url: 'https://example.test/1',
    title: 'a hole',
    severity,
    vulnerable_versions: '*',
  });

  it.each([
    ['critical', 1, 0],
    ['high', 1, 0],
    ['moderate', 0, 1],
  ])('of severity %s are told apart', async (severity, serious, lesser) => {
    const env = await registry((response) => {
      response.end(JSON.stringify({ zod: [advisory(severity)] }));
    });
    const told = await askForAdvisories(env);
    expect(told).toMatchObject({ kind: 'asked', lesser });
    expect(told.kind === 'asked' && told.serious).toHaveLength(serious);
  });

  it('that nobody could be asked for are not the same as none', async () => {
    const refusing = await registry((response) => response.writeHead(405).end());
    const gone = { ...process.env, npm_config_registry: 'http://127.0.0.1:1/' };
    for (const env of [refusing, gone])
      expect(await askForAdvisories(env)).toMatchObject({
        kind: 'not-asked',
        why: expect.stringMatching(/\S/) as string,
      });
  });
});
