import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import { configTable } from '../server/config-table.js';
import { withSecretFiles } from '../server/config-secrets.js';
import { variables } from '../server/config-variables.js';
import { ConfigError, readConfig } from '../server/config.js';

/** The problems an environment has, one a line. */
function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Names of the variables the problems are about, in order. */
function blamed(env: Record<string, string>): string[] {
  return problemsOf(env).map((problem) => problem.slice(0, problem.indexOf(':')));
}

describe('the configuration', () => {
  it('needs nothing: one provincial node of 浙江 with everything embedded, on loopback', () => {
    expect(readConfig({})).toMatchObject({
      level: 'provincial',
      node: '330000',
      nodeName: { zh: '浙江省' },
      host: '127.0.0.1',
      port: 7330,
      databaseUrl: '',
      redisUrl: '',
      upstreamUrl: '',
      pull: false,
      tls: undefined,
      process: 'all',
      channels: [Channel.NATIONAL_EXCHANGE],
      dataDir: join(homedir(), '.zhengzhao-hub/330000'),
    });
  });

  it('R2 is a national node by level alone, or a province by its code, 兵团 included (D11)', () => {
    expect(readConfig({ HUB_LEVEL: 'national' })).toMatchObject({
      node: '100000',
      dataDir: join(homedir(), '.zhengzhao-hub/100000'),
    });
    expect(readConfig({ HUB_REGION: '660000' }).nodeName.zh).toBe('新疆生产建设兵团');
    expect(blamed({ HUB_REGION: '100000' })).toEqual(['HUB_REGION']);
    expect(blamed({ HUB_LEVEL: 'national', HUB_REGION: '330000' })).toEqual(['HUB_REGION']);
    expect(blamed({ HUB_REGION: '330902' })).toEqual(['HUB_REGION']);
  });

  it('takes an empty variable for an unset one, and no blanks at the ends', () => {
    const config = readConfig({ HUB_PORT: '', HUB_REGION: ' 440000 ', HUB_LEVEL: '  ' });
    expect([config.port, config.node]).toEqual([7330, '440000']);
  });

  it('can not be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it('tells every problem at once, Chinese and English, also those between variables', () => {
    const env = {
      HUB_PROT: '7330',
      HUB_PORT: '70000',
      HUB_SWEEP_MS: '1e3',
      HUB_PULL: 'yes',
      HUB_DATABASE_SCHEMA: 'Hub; drop',
      HUB_RECONCILE_AT: 'daily',
      HUB_TLS_CERT: 'cert.pem',
      HUB_NODES: '330000=http://127.0.0.1:7331',
      HUB_CHANNELS: 'FAX',
      HUB_HOST_NAMES: 'https://hub.test:7330',
      HUB_PROCESS: 'api',
    };
    expect(blamed(env).sort()).toEqual(Object.keys(env).sort());
    for (const problem of problemsOf(env)) expect(problem).toMatch(/\p{Script=Han}.* · .*[a-z]/u);
  });

  it('does not blame what only follows from a variable it could not read', () => {
    expect(blamed({ HUB_LEVEL: 'country', HUB_REGION: '100000' })).toEqual(['HUB_LEVEL']);
    expect(blamed({ HUB_LEVEL: 'country', HUB_NODES: '330000=http://a:1' })).toEqual(['HUB_LEVEL']);
    expect(blamed({ HUB_PULL: 'true', HUB_UPSTREAM_URL: 'a:1' })).toEqual(['HUB_UPSTREAM_URL']);
  });

  it.each([
    ['0x10', 'HUB_PORT'],
    ['-1', 'HUB_PORT'],
    ['7330.5', 'HUB_PORT'],
    ['99999999999999999999', 'HUB_BACKLOG_LIMIT'],
    ['3', 'HUB_DATABASE_POOL'],
    ['http://127.0.0.1', 'HUB_DATABASE_URL'],
    ['postgres://', 'HUB_REDIS_URL'],
    ['127.0.0.1:7330', 'HUB_UPSTREAM_URL'],
    ['http://a b', 'HUB_UPSTREAM_URL'],
    [',', 'HUB_CHANNELS'],
    ['verbose', 'HUB_LOG_LEVEL'],
  ])('refuses %j for %s', (value, name) => {
    expect(blamed({ [name]: value })).toEqual([name]);
  });

  it('never repeats an address, which may hold a password', () => {
    const secret = { HUB_DATABASE_URL: 'mysql://hub:geheim@db', HUB_REDIS_URL: 'http://:geheim@r' };
    expect(problemsOf(secret)).toHaveLength(2);
    expect(problemsOf(secret).join()).not.toContain('geheim');
  });

  it('is plaintext or has certificate and key; client certificates need both', () => {
    const pair = { HUB_TLS_CERT: 'c.pem', HUB_TLS_KEY: 'k.pem' };
    expect(readConfig({ ...pair, HUB_TLS_CA: 'ca.pem' }).tls).toEqual({
      cert: 'c.pem',
      key: 'k.pem',
      ca: 'ca.pem',
    });
    expect(blamed({ HUB_TLS_KEY: 'k.pem' })).toEqual(['HUB_TLS_CERT']);
    expect(blamed({ HUB_TLS_CA: 'ca.pem' })).toEqual(['HUB_TLS_CA']);
  });

  it('lets plaintext and nameless callers stay on loopback, unless a gateway is in front', () => {
    const pair = { HUB_TLS_CERT: 'c.pem', HUB_TLS_KEY: 'k.pem' };
    const open = { HUB_HOST: '0.0.0.0' };
    for (const host of ['127.0.0.1', '::1', 'localhost'])
      expect(readConfig({ HUB_HOST: host }).anonymous).toBe('trial');
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.cn'])
      expect(blamed({ HUB_HOST: host })).toEqual(['HUB_HOST']);
    expect(readConfig({ ...open, ...pair }).anonymous).toBe('nobody');
    expect(readConfig(pair).anonymous).toBe('nobody');
    expect(readConfig({ ...open, HUB_BEHIND_GATEWAY: 'true' }).anonymous).toBe('nobody');
    expect(readConfig({ ...open, ...pair, HUB_ANONYMOUS: 'public' }).anonymous).toBe('public');
    for (const role of ['trial', 'administrator'])
      expect(blamed({ ...open, ...pair, HUB_ANONYMOUS: role })).toEqual(['HUB_ANONYMOUS']);
  });

  it('R52 knows the provinces at the national node only, each once, and no upstream there', () => {
    const national = { HUB_LEVEL: 'national' };
    const nodes = '330000=http://a:1?x=1, 660000=https://b:2';
    expect([...readConfig({ ...national, HUB_NODES: nodes }).nodeUrls]).toEqual([
      ['330000', 'http://a:1?x=1'],
      ['660000', 'https://b:2'],
    ]);
    for (const wrong of ['330000', '330000=', '330000=a:1', '100000=http://a:1', '330902=http://a'])
      expect(blamed({ ...national, HUB_NODES: wrong })).toEqual(['HUB_NODES']);
    const twice = '330000=http://a:1,330000=http://b:1';
    expect(blamed({ ...national, HUB_NODES: twice })).toEqual(['HUB_NODES']);
    expect(blamed({ ...national, HUB_UPSTREAM_URL: 'http://a:1' })).toEqual(['HUB_UPSTREAM_URL']);
  });

  it('R10 R31 takes one or more channels, each once', () => {
    const { channels } = readConfig({ HUB_CHANNELS: 'DUAL_NOTICE, NATIONAL_EXCHANGE,DUAL_NOTICE' });
    expect(channels).toEqual([Channel.DUAL_NOTICE, Channel.NATIONAL_EXCHANGE]);
    expect(blamed({ HUB_CHANNELS: 'toString' })).toEqual(['HUB_CHANNELS']);
  });

  it('pulls only from an upstream, and divides processes only over a database of their own', () => {
    expect(readConfig({ HUB_PULL: 'true', HUB_UPSTREAM_URL: 'http://a:1' }).pull).toBe(true);
    expect(blamed({ HUB_PULL: 'true' })).toEqual(['HUB_PULL']);
    expect(blamed({ HUB_PROCESS: 'worker' })).toEqual(['HUB_PROCESS']);
  });

  it('has a default of the right form for every variable, and a meaning in both languages', () => {
    for (const [name, { form, preset, zh, en }] of Object.entries(variables)) {
      expect([name, form.safeParse(preset).success]).toEqual([name, true]);
      expect([zh, en]).toEqual([
        expect.stringMatching(/\p{Script=Han}/u),
        expect.stringMatching(/[a-z]/),
      ]);
    }
  });

  it('is described in the README by a table made from the variables', async () => {
    const readme = await readFile('README.md', 'utf8');
    const [, written] = /<!-- configuration -->([^]*?)<!-- \/configuration -->/.exec(readme) ?? [];
    const style = await resolveConfig('README.md');
    const expected = await format(configTable(), { ...style, parser: 'markdown' });
    expect(written?.trim()).toBe(expected.trim());
  });
});

describe('secrets in files', () => {
  const inFile = async (content: string): Promise<string> => {
    const file = join(await mkdtemp(join(tmpdir(), 'hub-secret-')), 'secret');
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };

  it('knows every variable that a page for users names, or lets it be', async () => {
    const pages = ['README.md', 'clients/README.md', 'console/README.md', 'docs/threats.md'];
    const texts = await Promise.all(pages.map((page) => readFile(page, 'utf8')));
    const names = new Set(texts.join().match(/\bHUB_[A-Z0-9_]*[A-Z0-9]\b/g));
    expect(names).toContain('HUB_TOKEN');
    const env = Object.fromEntries([...names].map((name) => [name, '']));
    expect(blamed(withSecretFiles(env) as Record<string, string>)).toEqual([]);
  });

  it('takes an address from the file that is named, without the line end', async () => {
    const file = await inFile('postgres://hub:pw@db:5432/hub\n');
    const env = withSecretFiles({ HUB_DATABASE_URL_FILE: file, HUB_REGION: '440000' });
    expect(readConfig(env)).toMatchObject({
      databaseUrl: 'postgres://hub:pw@db:5432/hub',
      node: '440000',
    });
  });

  it('names a file that can not be read, and refuses two sources of one value', async () => {
    const file = await inFile('redis://one:6379');
    const read = (): unknown =>
      withSecretFiles({
        HUB_DATABASE_URL_FILE: '/no/such/file',
        HUB_REDIS_URL: 'redis://:hidden@two:6379',
        HUB_REDIS_URL_FILE: file,
      });
    expect(read).toThrow(/HUB_DATABASE_URL_FILE: .*\/no\/such\/file[^]*HUB_REDIS_URL: /);
    expect(read).not.toThrow(/hidden|one:6379/);
  });

  it('leaves files of other variables alone: HUB_CHANNELS_FILE is a variable of its own', () => {
    expect(withSecretFiles({ HUB_CHANNELS_FILE: 'channels.json' })).toEqual({
      HUB_CHANNELS_FILE: 'channels.json',
    });
  });
});
