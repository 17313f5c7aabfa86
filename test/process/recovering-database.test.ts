import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, inject, it } from 'vitest';
import { createLog } from '../../server/log.js';
import { openDatabase } from '../../server/storage/database.js';
import { untilDatabaseTakesWrites } from '../../server/node/awaiting-database.js';
import { StartError } from '../../server/node/patience.js';

/** What PostgreSQL answers, in its own protocol, while it recovers. */
const RECOVERING = errorResponse('FATAL', '57P03', 'the database system is starting up');

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function errorResponse(severity: string, code: string, message: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** The run's PostgreSQL, behind a door that says "recovering" to the first so many that knock. */
async function recoveringFor(knocks: number): Promise<{ readonly url: string; knocked(): number }> {
  const real = new URL(inject('databaseUrl'));
  const sockets = new Set<Socket>();
  let knocked = 0;
  const server: Server = createServer((near) => {
    knocked += 1;
    sockets.add(near);
    near.on('error', () => undefined);
    if (knocked <= knocks) {
      near.once('data', () => near.end(RECOVERING));
      return;
    }
    const far = connect(Number(real.port), real.hostname);
    sockets.add(far);
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(real);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.href, knocked: () => knocked };
}

function databaseAt(url: string) {
  const knex = openDatabase({ url, schema: 'public', poolSize: 1 });
  closing.push(() => knex.destroy());
  return knex;
}

const log = createLog('fatal', '330000');

it('a node waits for a database that recovers, and goes on', async () => {
  const { url, knocked } = await recoveringFor(2);
  const knex = databaseAt(url);
  await untilDatabaseTakesWrites(knex, log, 60_000, undefined);
  expect(knocked()).toBe(3);
});

it('a node gives up on a database that never comes back, in words for its operator', async () => {
  const { url } = await recoveringFor(Infinity);
  const waiting = untilDatabaseTakesWrites(databaseAt(url), log, 0, undefined);
  await expect(waiting).rejects.toThrow(StartError);
});

it('a node that is told to stop does not wait on', async () => {
  const { url } = await recoveringFor(Infinity);
  const stopping = new AbortController();
  const waiting = untilDatabaseTakesWrites(databaseAt(url), log, 60_000, stopping.signal);
  stopping.abort(new Error('told to stop'));
  await expect(waiting).rejects.toThrow('told to stop');
});

it('a database that is not there is no reason to wait', async () => {
  const url = new URL(inject('databaseUrl'));
  url.pathname = '/no-such-database';
  const waiting = untilDatabaseTakesWrites(databaseAt(url.href), log, 60_000, undefined);
  await expect(waiting).rejects.toMatchObject({ code: '3D000' });
});
