import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { removeEmbeddedPostgres } from '../../server/postgres/embedded.js';
import type { HubClientError } from '../../clients/hub-client-error.js';
import { testUscc, validRegistration } from '../support/builders.js';
import { hub } from '../support/command-line.js';
import { freshSchema } from '../support/database.js';
import { eventually } from '../support/nodes.js';
import { NodeProcess, postgresOf, runs } from '../support/process.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

describe('npm start', () => {
  let root: string;
  const started: NodeProcess[] = [];
  const dataDirs = new Set<string>();
  const clients: GrpcClient<typeof Registration>[] = [];

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'zhengzhao-start-'));
    await chmod(root, 0o711);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const node of started.splice(0)) await node.kill();
  });
  afterAll(async () => {
    for (const dataDir of dataDirs) await removeEmbeddedPostgres(dataDir);
    await rm(root, { recursive: true, force: true });
  });

  function dataDir(name: string): string {
    const dir = join(root, name);
    dataDirs.add(dir);
    return dir;
  }

  function start(env: Record<string, string>): NodeProcess {
    const node = new NodeProcess({ HUB_PORT: '0', ...env });
    started.push(node);
    return node;
  }

  function registrationAt(address: string): GrpcClient<typeof Registration> {
    const client = createGrpcClient(Registration, address);
    clients.push(client);
    return client;
  }

  async function nameOf(address: string, number: number): Promise<string | undefined> {
    const { enterprise } = await registrationAt(address).getEnterprise({ uscc: testUscc(number) });
    return enterprise?.entName;
  }

  /** Sends a signal and expects an orderly end that leaves no PostgreSQL behind. */
  async function stopsWith(node: NodeProcess, signal: NodeJS.Signals, dir: string): Promise<void> {
    const postgres = await postgresOf(dir);
    expect(postgres).toBeGreaterThan(0);
    node.signal(signal);
    expect(await node.ended()).toBe(0);
    expect(node.stdout).toContain(`${signal}: 正在停止 · stopping`);
    expect(node.stderr).toBe('');
    expect(await runs(postgres!)).toBe(false);
    expect(await postgresOf(dir)).toBeUndefined();
  }

  it('says where it listens and what to try, answers JSON and gRPC, and stops with SIGINT', async () => {
    const dir = dataDir('zhejiang');
    const node = start({ HUB_DATA_DIR: dir });
    const address = await node.listening();
    expect(node.stdout).toContain('浙江');
    expect(node.stdout).toContain(dir);
    expect(node.stdout).toContain('暂用,非官方目录 · provisional, not the official list');

    const [, url, body] = /curl -s (\S+) .*-d '(.*)'/.exec(node.stdout) ?? [];
    expect(url).toContain(address);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url!, { method: 'POST', headers, body: body! });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('餐饮')]);

    const registration = validRegistration(CATALOGUE, { number: 1 });
    const { receipt } = await registrationAt(address).submitRegistration({ registration });
    expect(receipt).toMatchObject({ node: '330000', duplicate: false });
    await stopsWith(node, 'SIGINT', dir);
  });

  it('has its data when it is started again, refuses a second start there, and survives the end of its PostgreSQL', async () => {
    const dir = dataDir('zhejiang');
    const node = start({ HUB_DATA_DIR: dir });
    const address = await node.listening();
    expect(await nameOf(address, 1)).toBe(validRegistration().entName);

    const second = start({ HUB_DATA_DIR: dir });
    expect(await second.ended()).toBe(3);
    expect(second.stderr).toMatch(/数据目录 .* 正由进程 \d+ 使用.* · data directory .* is in use/);
    expect(second.stderr).not.toContain('    at ');
    expect(await nameOf(address, 1)).toBe(validRegistration().entName);

    const registration = validRegistration(CATALOGUE, { number: 2 });
    await registrationAt(address).submitRegistration({ registration });
    const killed = await postgresOf(dir);
    process.kill(killed!, 'SIGKILL');
    const codes = new Set<string>();
    const name = await eventually(async () => {
      const asked = nameOf(address, 2);
      await asked.catch((error: unknown) => codes.add((error as HubClientError).codeName));
      return asked;
    });
    expect(name).toBe(registration.entName);
    expect([...codes].filter((code) => code !== 'UNAVAILABLE')).toEqual([]);

    const postgres = await postgresOf(dir);
    expect(postgres).not.toBe(killed);
    node.signal('SIGKILL');
    expect(await node.ended()).toBe('SIGKILL');
    expect(await runs(postgres!)).toBe(true);
  });

  it('recovers what was committed before kill -9, beside a second node, and stops with SIGTERM', async () => {
    const [dir, other] = [dataDir('zhejiang'), dataDir('guangdong')];
    const orphan = await postgresOf(dir);
    const nodes = [
      start({ HUB_DATA_DIR: dir }),
      start({ HUB_DATA_DIR: other, HUB_REGION: '440000' }),
    ] as const;
    const [zhejiang, guangdong] = await Promise.all(nodes.map((node) => node.listening()));
    expect(await runs(orphan!)).toBe(false);
    expect(await nameOf(zhejiang!, 1)).toBe(validRegistration({}, { number: 1 }).entName);
    expect(await nameOf(zhejiang!, 2)).toBe(validRegistration({}, { number: 2 }).entName);
    await expect(nameOf(guangdong!, 1)).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    const registration = validRegistration(CATALOGUE, { number: 2 });
    const { receipt } = await registrationAt(zhejiang!).submitRegistration({ registration });
    expect(receipt?.duplicate).toBe(true);
    await stopsWith(nodes[0], 'SIGTERM', dir);
    await stopsWith(nodes[1], 'SIGTERM', other);
  });

  it('names HUB_PORT when the port is taken, and stops the PostgreSQL it had started', async () => {
    const dir = dataDir('guangdong');
    const holder = await hold();
    const { port } = holder.address() as { port: number };
    const node = start({ HUB_DATA_DIR: dir, HUB_REGION: '440000', HUB_PORT: String(port) });
    expect(await node.ended()).toBe(1);
    holder.close();
    expect(node.stderr).toMatch(/^端口 127\.0\.0\.1:\d+ 已被占用,请用 HUB_PORT .* HUB_PORT .*\n$/);
    expect(node.stderr).toContain(`port 127.0.0.1:${port} is in use`);
    expect(await postgresOf(dir)).toBeUndefined();
  });

  it('stops when it is told so while it starts, also while it waits for a Redis that is not there', async () => {
    const waiting = [
      { signal: 'SIGINT', until: 'embedded PostgreSQL started', dir: dataDir('guangdong') },
      { signal: 'SIGTERM', until: 'queue is not reachable', dir: dataDir('zhejiang') },
    ] as const;
    const end = async ({ signal, until, dir }: (typeof waiting)[number]) => {
      const redis = until.startsWith('queue') ? { HUB_REDIS_URL: 'redis://127.0.0.1:1' } : {};
      const node = start({ ...redis, HUB_DATA_DIR: dir, HUB_LOG_LEVEL: 'debug' });
      await node.says(until);
      node.signal(signal);
      expect(await node.ended()).toBe(0);
      expect(node.stdout).toContain(`${signal}: 正在停止 · stopping`);
      expect(node.stdout).not.toContain('监听 listening');
      expect(await postgresOf(dir)).toBeUndefined();
    };
    await Promise.all(waiting.map(end));
  });

  it('tells every problem of the configuration at once, and ends with 2', async () => {
    const wrong = start({ HUB_PORT: 'http', HUB_PROT: '7330', HUB_LEVEL: 'city' });
    const keyless = start({
      HUB_DATABASE_URL: inject('databaseUrl'),
      HUB_DATABASE_SCHEMA: freshSchema(),
      HUB_DATA_DIR: root,
      HUB_SIGNING_KEY: join(root, 'no-such-key'),
    });
    const byCommand = hub(['start', '--port', 'http']);
    expect([await wrong.ended(), await keyless.ended(), (await byCommand).code]).toEqual([2, 2, 2]);
    expect(wrong.stderr).toContain('配置有误 · the configuration is not valid');
    expect(wrong.stderr.match(/^ {2}- (HUB_\w+)/gm)).toEqual([
      '  - HUB_PROT',
      '  - HUB_LEVEL',
      '  - HUB_PORT',
    ]);
    expect(keyless.stderr).toContain('no-such-key');
    expect(wrong.stderr).not.toContain('    at ');
  });

  it('ends with 3 when its database is away or refuses it, which starting again may mend', async () => {
    const unmade = new URL(inject('databaseUrl'));
    unmade.pathname = '/not-made-yet';
    const addresses = [
      'postgres://nobody@127.0.0.1:1/none',
      // A socket of this machine, whose file is there once the server runs.
      `postgres:///none?host=${root}`,
      unmade.href,
    ];
    const nodes = addresses.map((url) => start({ HUB_DATABASE_URL: url, HUB_DATA_DIR: root }));
    expect(await Promise.all(nodes.map((node) => node.ended()))).toEqual([3, 3, 3]);
    for (const { stderr } of nodes) {
      expect(stderr).toContain('请核对 HUB_DATABASE_URL');
      expect(stderr).not.toContain('    at ');
    }
    const byCommand = await hub(['start', '--port', '0'], {
      env: { HUB_DATABASE_URL: addresses[0]! },
    });
    expect(byCommand.code).toBe(3);
  });
});

function hold(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
