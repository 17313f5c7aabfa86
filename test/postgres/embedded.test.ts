import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareBinaries } from '../../server/postgres/binaries.js';
import { locateCluster, locateExisting } from '../../server/postgres/cluster-location.js';
import { lockDataDir } from '../../server/postgres/data-dir-lock.js';
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../server/postgres/embedded.js';
import { pickFreePort, startPostmaster, stopServer } from '../../server/postgres/postmaster.js';
import { commandLine, processStart } from '../../server/postgres/process-table.js';
import { openServerLog } from '../../server/postgres/server-log.js';
import { PATIENCE_MS } from '../support/patience.js';

const HOLDER = fileURLToPath(new URL('../support/embedded-holder.ts', import.meta.url));
const run = promisify(execFile);
const asRoot = process.getuid?.() === 0;

type Settings = Record<string, string>;

let root: string;
const servers: EmbeddedPostgres[] = [];
const holders: ChildProcess[] = [];
const dataDirs = new Set<string>();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hub-embedded-'));
  await chmod(root, 0o711);
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const holder of holders.splice(0)) await kill(holder);
  for (const dataDir of dataDirs) await removeEmbeddedPostgres(dataDir);
  dataDirs.clear();
  await rm(root, { recursive: true, force: true });
});

function dataDir(name = 'node'): string {
  const dir = join(root, name);
  dataDirs.add(dir);
  return dir;
}

/** Without fsync unless told: a killed process loses nothing by it, only a power cut would. */
async function start(
  dir: string,
  settings: Settings = { fsync: 'off' },
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: dir, settings });
  servers.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

function spawnHolder(dir: string, ...more: string[]): ChildProcess {
  const holder = spawn(process.execPath, ['--import', 'tsx', HOLDER, dir, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(holder);
  return holder;
}

async function holderUrl(holder: ChildProcess): Promise<string> {
  const [line] = (await once(holder.stdout!, 'data')) as [Buffer];
  return line.toString('utf8').trim();
}

async function kill(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
}

/** Something else on a port; fails while the port is not free. */
async function listenOn(port: number): Promise<Server> {
  const occupant = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(occupant, 'listening');
  return occupant;
}

async function postmasterPid(dir: string): Promise<number> {
  const { pgdata } = await locateExisting(dir);
  return Number.parseInt(await readFile(join(pgdata, 'postmaster.pid'), 'utf8'), 10);
}

describe('a first start', () => {
  it('gives a UTF-8 database in UTC that keeps what it commits', async () => {
    const { url } = await start(dataDir(), {});
    const names = ['server_encoding', 'TimeZone', 'max_connections', 'shared_buffers', 'fsync'];
    const settings = names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ');
    expect(await query(url, `SELECT ${settings}, current_database() AS database`)).toEqual([
      {
        server_encoding: 'UTF8',
        TimeZone: 'UTC',
        max_connections: '100',
        shared_buffers: '128MB',
        fsync: 'on',
        database: 'hub',
      },
    ]);
    expect(await query(url, `SELECT upper('é') AS upper, '证' < '照' AS by_code_point`)).toEqual([
      { upper: 'É', by_code_point: false },
    ]);
  });

  it('lets in only who knows the password, which only its owner may read', async () => {
    const dir = dataDir();
    const { url } = await start(dir);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(dir, 'postgres-password'))).mode & 0o777).toBe(0o600);
    const [row] = await query(url, 'SELECT rolpassword FROM pg_authid WHERE rolcanlogin');
    expect(row?.['rolpassword']).toMatch(/^SCRAM-SHA-256\$/);
  });

  it('takes further settings, but keeps its own address', async () => {
    const settings = { fsync: 'off', work_mem: '9MB', listen_addresses: '*' };
    const server = await start(dataDir(), settings);
    const shown = `SELECT current_setting('fsync') AS fsync, current_setting('work_mem') AS work_mem,
      current_setting('listen_addresses') AS address`;
    expect(await query(server.url, shown)).toEqual([
      { fsync: 'off', work_mem: '9MB', address: '127.0.0.1' },
    ]);
  });

  it('reports the last log lines when the server refuses to start', async () => {
    await expect(start(dataDir(), { work_mem: 'plenty' })).rejects.toThrow(
      /未能启动[^]*did not start[^]*invalid value for parameter "work_mem"/,
    );
    await expect(start(dataDir())).resolves.toBeDefined();
  });

  it('keeps rows out of the server log', async () => {
    const dir = dataDir();
    const { url } = await start(dir);
    await query(url, 'CREATE TABLE t (id text PRIMARY KEY)');
    await query(url, `INSERT INTO t VALUES ('SECRET-ROW')`);
    const again = query(url, `INSERT INTO t VALUES ('SECRET-ROW')`);
    await expect(again).rejects.toMatchObject({ code: '23505' });
    const log = await readFile(join(dir, 'postgres.log'), 'utf8');
    expect(log).toContain('duplicate key value');
    expect(log).not.toContain('SECRET-ROW');
  });
});

describe('the server', () => {
  it('neither keeps the hub running nor outlives one that ends by itself', async () => {
    const dir = dataDir();
    const holder = spawnHolder(dir, 'leave');
    await holderUrl(holder);
    const pid = await postmasterPid(dir);
    if (holder.exitCode === null) await once(holder, 'exit');
    expect(holder.exitCode).toBe(0);
    await expect.poll(() => processStart(pid)).toBeUndefined();
  });

  it('is left alone by a Ctrl-C in the terminal', async () => {
    const dir = dataDir();
    await start(dir);
    const pid = await postmasterPid(dir);
    const groupOf = async (id: number | string): Promise<string> =>
      (await run('ps', ['-o', 'pgid=', '-p', String(id)])).stdout.trim();
    expect(await groupOf(pid)).toBe(String(pid));
    expect(await groupOf(process.pid)).not.toBe(String(pid));
  });

  it('is missed with an advice where npm installed none for the platform', async () => {
    const arch = vi.spyOn(process, 'arch', 'get').mockReturnValue('s390x');
    try {
      await expect(start(dataDir())).rejects.toThrow(/HUB_DATABASE_URL.*s390x.*HUB_DATABASE_URL/);
    } finally {
      arch.mockRestore();
    }
  });
});

describe('starting again', () => {
  it('keeps the rows of an orderly stop', async () => {
    const dir = dataDir();
    const first = await start(dir);
    await query(first.url, 'CREATE TABLE t AS SELECT 7 AS n');
    await Promise.all([first.stop(), first.stop()]);
    await first.stop();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    const second = await start(dir);
    expect(await query(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
  });

  it('keeps committed rows after kill -9 of the hub and leaves no second server', async () => {
    const dir = dataDir();
    const holder = spawnHolder(dir);
    const url = await holderUrl(holder);
    await query(url, 'CREATE TABLE t (n int)');
    await query(url, 'INSERT INTO t SELECT generate_series(1, 1000)');
    const orphan = await postmasterPid(dir);
    await kill(holder);
    expect(await processStart(orphan)).toBeDefined();
    const again = await start(dir);
    expect(await query(again.url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 1000 }]);
    expect(await commandLine(orphan)).not.toContain(dir);
  });

  it('keeps committed rows after kill -9 of the hub and the server', async () => {
    const dir = dataDir();
    const holder = spawnHolder(dir);
    const url = await holderUrl(holder);
    await query(url, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS n');
    process.kill(await postmasterPid(dir), 'SIGKILL');
    await kill(holder);
    const again = await start(dir);
    expect(await query(again.url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 1000 }]);
  });

  it('starts a server again that was killed, at the same address, with its committed rows', async () => {
    const dir = dataDir();
    const told: string[] = [];
    const server = await startEmbeddedPostgres({
      dataDir: dir,
      settings: { fsync: 'off' },
      warn: (line) => told.push(line),
    });
    servers.push(server);
    await query(server.url, 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS n');
    const killed = await postmasterPid(dir);
    process.kill(killed, 'SIGKILL');
    const deadline = Date.now() + PATIENCE_MS;
    const count = () =>
      query(server.url, 'SELECT count(*)::int AS n FROM t').catch(() => undefined);
    let rows = await count();
    while (rows === undefined && Date.now() < deadline) {
      await sleep(50);
      rows = await count();
    }
    expect(rows).toEqual([{ n: 1000 }]);
    expect(await postmasterPid(dir)).not.toBe(killed);
    expect(told).toEqual([expect.stringMatching(/意外终止.*is started again/)]);
    await server.stop();
    expect(await commandLine(await postmasterPid(dir).catch(() => -1))).toBe('');
  });

  it('tries again, as often as it takes, when a server that ended does not start', async () => {
    const dir = dataDir();
    const told: string[] = [];
    const server = await startEmbeddedPostgres({
      dataDir: dir,
      settings: { fsync: 'off' },
      warn: (line) => told.push(line),
    });
    servers.push(server);
    await query(server.url, 'CREATE TABLE t AS SELECT 7 AS n');
    process.kill(await postmasterPid(dir), 'SIGKILL');
    // What keeps it from starting here is its port; on a full disk it is no different.
    const occupant = await vi.waitFor(() => listenOn(Number(new URL(server.url).port)));
    const failures = () => told.filter((line) => line.includes('did not start')).length;
    await vi.waitFor(() => expect(failures()).toBe(2), PATIENCE_MS);
    expect(told.join()).toContain('could not bind');
    occupant.close();
    const rows = () => query(server.url, 'SELECT n FROM t');
    expect(await vi.waitFor(rows, PATIENCE_MS)).toEqual([{ n: 7 }]);
  });

  it('does not wait for a server that does not start when it is to stop', async () => {
    const dir = dataDir();
    const told: string[] = [];
    const server = await startEmbeddedPostgres({
      dataDir: dir,
      settings: { fsync: 'off' },
      warn: (line) => told.push(line),
    });
    servers.push(server);
    process.kill(await postmasterPid(dir), 'SIGKILL');
    const occupant = await vi.waitFor(() => listenOn(Number(new URL(server.url).port)));
    try {
      await vi.waitFor(() => expect(told).toHaveLength(3), PATIENCE_MS);
      await server.stop();
      expect(await commandLine(await postmasterPid(dir).catch(() => -1))).toBe('');
      const before = told.length;
      await sleep(1_000);
      expect(told).toHaveLength(before);
    } finally {
      occupant.close();
    }
  });

  it('waits for a server that still recovers', async () => {
    const pgdata = dataDir();
    await mkdir(pgdata);
    // Like PostgreSQL as far as whoever waits for it sees: it notes that it starts, and then that it is ready.
    const program = join(root, 'postgres');
    const note = (state: string) =>
      `printf '%s\\n\\n\\n\\n\\n\\n\\n${state}\\n' $$ > "$2/postmaster.pid"`;
    const until = (file: string) => `until [ -e "$2/${file}" ]; do sleep 0.05; done`;
    const lines = ['#!/bin/sh', note('starting'), until('recovered'), note('ready'), until('end')];
    await writeFile(program, `${lines.join('\n')}\n`, { mode: 0o755 });
    const log = await openServerLog(join(root, 'postgres.log'));
    const spec = { program, pgdata, account: undefined, settings: {}, log };
    let ahead = 0;
    const clock = performance.now.bind(performance);
    const elapsed = vi.spyOn(performance, 'now').mockImplementation(() => clock() + ahead);
    const timeOfDay = vi.spyOn(Date, 'now').mockImplementation(() => clock() + ahead);
    try {
      const starting = startPostmaster(spec);
      starting.catch(() => undefined);
      await vi.waitFor(() => stat(join(pgdata, 'postmaster.pid')), PATIENCE_MS);
      ahead = 240_000;
      await sleep(500);
      await writeFile(join(pgdata, 'recovered'), '');
      const { child } = await starting;
      await writeFile(join(pgdata, 'end'), '');
      await stopServer(child);
    } finally {
      elapsed.mockRestore();
      timeOfDay.mockRestore();
      await log.close();
      dataDirs.delete(pgdata);
    }
  });

  it('recovers from a kill in the middle of initdb', async () => {
    const dir = dataDir();
    const holder = spawnHolder(dir);
    const deadline = Date.now() + PATIENCE_MS;
    const half = async (): Promise<boolean> => {
      const { home } = await locateExisting(dir).catch(() => ({ home: dir }));
      const drafts = (await readdir(home).catch(() => [])).filter((n) => n.startsWith('pgdata.'));
      const made = await Promise.all(drafts.map((name) => readdir(join(home, name))));
      return made.some((files) => files.includes('base'));
    };
    while (!(await half()) && Date.now() < deadline) await sleep(5);
    await kill(holder);
    expect(await half()).toBe(true);
    await expect(stat((await locateExisting(dir)).pgdata)).rejects.toThrow('ENOENT');
    const { url } = await start(dir);
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it.each([
    ['a pid that another program has by now', `${process.pid}\n/elsewhere\n`],
    ['no content', ''],
  ])('passes over a pid file with %s', async (_what, content) => {
    const dir = dataDir();
    await (await start(dir)).stop();
    await writeFile(join((await locateExisting(dir)).pgdata, 'postmaster.pid'), content);
    expect(await query((await start(dir)).url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('sets a new password when the password file is lost', async () => {
    const dir = dataDir();
    const first = await start(dir);
    await query(first.url, 'CREATE TABLE t AS SELECT 7 AS n');
    await first.stop();
    await rm(join(dir, 'postgres-password'));
    const second = await start(dir);
    expect(new URL(second.url).password).not.toBe(new URL(first.url).password);
    expect(await query(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
  });

  it('moves a large log aside', async () => {
    const dir = dataDir();
    await mkdir(dir, { mode: 0o711 });
    await writeFile(join(dir, 'postgres.log'), 'x'.repeat(17 * 1024 * 1024));
    await start(dir);
    expect((await stat(join(dir, 'postgres.log'))).size).toBeLessThan(64 * 1024);
    expect((await stat(join(dir, 'postgres.log.1'))).size).toBe(17 * 1024 * 1024);
  });
});

describe('several starts', () => {
  it('runs two nodes started at the same moment', async () => {
    const pair = await Promise.all([start(dataDir('one')), start(dataDir('two'))]);
    const [one, two] = pair.map((server) => server.url) as [string, string];
    expect(new URL(one).port).not.toBe(new URL(two).port);
    await query(one, 'CREATE TABLE only_in_one (n int)');
    await expect(query(two, 'SELECT * FROM only_in_one')).rejects.toMatchObject({ code: '42P01' });
  });

  it('refuses a data directory that another process holds, and names that process', async () => {
    const dir = dataDir();
    const holder = spawnHolder(dir);
    const url = await holderUrl(holder);
    await expect(start(dir)).rejects.toThrow(
      new RegExp(`正由进程 ${holder.pid} 使用.*in use by process ${holder.pid};`),
    );
    expect(await query(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('lets one of several simultaneous starts have a data directory', async () => {
    const dir = dataDir();
    await mkdir(dir, { mode: 0o711 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lockDataDir(dir)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await expect(lockDataDir(dir)).rejects.toThrow(`in use by process ${process.pid}`);
    await won[0]?.value();
    await (
      await lockDataDir(dir)
    )();
  });

  it('takes another port when the first one is taken in between', async () => {
    const dir = dataDir();
    await (await start(dir)).stop();
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const taken = (occupant.address() as AddressInfo).port;
    const { pgdata, account } = await locateCluster(dir);
    const { postgres: program } = await prepareBinaries(account, dir);
    const log = await openServerLog(join(dir, 'postgres.log'));
    let asked = 0;
    const pickPort = async (): Promise<number> => (asked++ === 0 ? taken : pickFreePort());
    try {
      const server = await startPostmaster({
        program,
        pgdata,
        account,
        settings: {},
        log,
        pickPort,
      });
      expect([asked, server.port === taken]).toEqual([2, false]);
      await stopServer(server.child);
    } finally {
      await log.close();
      occupant.close();
    }
  });
});

describe('a data directory nobody else may enter', () => {
  it('works, also for root, whose server runs as another user', async () => {
    await chmod(root, 0o700);
    const dir = dataDir();
    const first = await start(dir);
    await query(first.url, 'CREATE TABLE t AS SELECT 7 AS n');
    await first.stop();
    const second = await start(dir);
    expect(await query(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }]);
    const { home, pgdata } = await locateExisting(dir);
    expect(home.startsWith(root)).toBe(!asRoot);
    expect((await stat(pgdata)).uid === process.getuid?.()).toBe(!asRoot);
    await second.stop();
    await removeEmbeddedPostgres(dir);
    await expect(stat(home)).rejects.toThrow('ENOENT');
  });

  it('is refused when its pointer names a place that is not ours', async () => {
    const dir = dataDir();
    await mkdir(dir, { mode: 0o711 });
    const pointer = join(dir, 'postgres-location');
    await writeFile(pointer, '/etc\n');
    await expect(start(dir)).rejects.toThrow(/无效.*invalid place: \/etc/);
    await expect(removeEmbeddedPostgres(dir)).rejects.toThrow(/invalid place: \/etc/);
    await rm(pointer);
  });
});
