import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { removeAbandoned } from '../../server/channels/exchange-folder.js';
import { sftpFolder } from '../../server/channels/sftp-folder.js';
import { createLog } from '../../server/log.js';
import { validRegistration } from '../support/builders.js';
import { eventually, freePort } from '../support/nodes.js';
import { openRelay, type Relay } from '../support/relay.js';
import { hasSshd, makeKey, startSshd, type TestSshd } from '../support/sshd.js';
import {
  DEPT,
  drop,
  openWorkplace,
  startProvince,
  type ChannelEntry,
  type Province,
  type Workplace,
} from './province.js';

const { SENT, RECEIVED } = PackageStatus;

describe.runIf(hasSshd)('the exchange by an SFTP server', () => {
  let sshd: TestSshd;
  let relay: Relay;
  let workplace: Workplace;
  let exchange: string;
  let receipts: string;
  let province: Province | undefined;
  const lines: string[] = [];
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  beforeEach(async () => {
    workplace = await openWorkplace();
    exchange = join(workplace.directory, 'exchange');
    receipts = join(exchange, 'receipts');
    await mkdir(exchange);
    relay = await openRelay(sshd.port);
    lines.length = 0;
  });
  afterEach(async () => {
    await province?.stop();
    province = undefined;
    await relay.cut();
    await workplace.remove();
  });

  const entry = (overrides: ChannelEntry = {}): ChannelEntry => ({
    name: 'front-end',
    kind: 'sftp',
    channel: 'NATIONAL_EXCHANGE',
    departments: ['*'],
    host: '127.0.0.1',
    port: relay.port,
    user: sshd.user,
    hostKey: sshd.fingerprint,
    privateKeyFile: sshd.keyFile,
    directory: exchange,
    ...overrides,
  });
  const server = () => ({
    host: '127.0.0.1',
    port: relay.port,
    user: sshd.user,
    hostKeys: [sshd.fingerprint],
    privateKeyFile: sshd.keyFile,
    timeoutMs: 10_000,
  });
  const open = (over: Partial<ReturnType<typeof server>> = {}) =>
    sftpFolder(
      { ...server(), ...over },
      exchange,
      () => performance.now(),
      () => 0,
    );

  async function start(overrides: ChannelEntry = {}): Promise<Province> {
    const log = createLog('info', '330000', { write: (line) => void lines.push(line) });
    province = await startProvince(await workplace.channels(entry(overrides)), {}, log);
    return province;
  }

  async function fails(node: Province, code: string): Promise<void> {
    await eventually(async () => {
      const [row] = await node.sql<{ last_error: string }>(
        'select last_error from package_dispatches',
      );
      expect(row?.last_error).toContain(code);
    });
  }

  const archives = async () =>
    (await readdir(exchange)).filter((name) => /\.(zip|part)$/.test(name));
  const receiptFor = (packageId: string) =>
    JSON.stringify({ packageId, status: 'RECEIVED', by: '窗口' });

  it('R31 R33 puts down archives, reads receipts back, and needs one connection for all of it', async () => {
    const node = await start();
    await node.register(validRegistration());
    const { packageId } = await node.reaches(SENT);
    expect(await archives()).toEqual([`${DEPT}_${packageId}.zip`]);
    const files = unzipSync(await readFile(join(exchange, `${DEPT}_${packageId}.zip`)));
    expect(JSON.parse(strFromU8(files['manifest.json']!))).toMatchObject({ packageId });
    await eventually(() => readdir(join(receipts, 'rejected')));
    await drop(receipts, 'good.json', receiptFor(packageId));
    await node.reaches(RECEIVED);
    await drop(receipts, 'bad.json', receiptFor('440000-1-1'));
    await eventually(async () => {
      expect(await readdir(join(receipts, 'done'))).toHaveLength(1);
      expect(await readdir(join(receipts, 'rejected'))).toHaveLength(2);
    });
    const names = await readdir(join(receipts, 'rejected'));
    const findings = names.find((name) => name.endsWith('_bad.json.findings.txt'));
    expect(await readFile(join(receipts, 'rejected', findings!), 'utf8')).toContain('packageId');
    await node.register(validRegistration({}, { number: 2 }));
    await eventually(async () => expect(await archives()).toHaveLength(2));
    expect([relay.taken, relay.open]).toEqual([1, 1]);
    await node.stop();
    province = undefined;
    await eventually(async () => expect(relay.open).toBe(0));
  });

  it('R31 a server whose host key is another is told nothing, until it is the right one again', async () => {
    const impostor = await startSshd();
    try {
      await relay.cut();
      await relay.mend(impostor.port);
      // Even one that would let us in.
      const node = await start({ privateKeyFile: impostor.keyFile });
      await node.register(validRegistration());
      await fails(node, 'SFTP_HOST_KEY_NOT_TRUSTED');
      expect(await readdir(exchange)).toEqual([]);
      expect(lines.join()).toContain('SFTP_HOST_KEY_NOT_TRUSTED');
    } finally {
      await impostor.stop();
    }
  });

  it('R31 a key that is not accepted, or not there, is said without the key', async () => {
    const stranger = makeKey(workplace.directory, 'stranger');
    const node = await start({ privateKeyFile: stranger });
    await node.register(validRegistration());
    await fails(node, 'SFTP_AUTHENTICATION_REFUSED');
    await node.stop();
    province = undefined;
    const said = lines.join();
    const secret = (await readFile(stranger, 'utf8')).split('\n')[2]!;
    for (const hidden of [secret, stranger, sshd.user === 'root' ? '"root"' : sshd.user])
      expect(said).not.toContain(hidden);
    for (const [file, code] of [
      [join(workplace.directory, 'none'), 'SFTP_CREDENTIALS_UNREADABLE'],
      [`${stranger}.pub`, 'SFTP_CREDENTIALS_EXPOSED'],
      [join(workplace.directory, 'text'), 'SFTP_PRIVATE_KEY_UNUSABLE'],
    ] as const) {
      if (code === 'SFTP_PRIVATE_KEY_UNUSABLE')
        await writeFile(file, 'no key at all', { mode: 0o600 });
      const folder = open({ privateKeyFile: file });
      await expect(folder.list('', () => true)).rejects.toMatchObject({ code });
      await folder.close();
    }
  });

  it('R31 R33 a line that was cut is mended: what waited leaves, over a new connection', async () => {
    const node = await start();
    await node.register(validRegistration());
    await node.reaches(SENT);
    await relay.cut();
    await node.register(validRegistration({}, { number: 2 }));
    await eventually(async () => {
      const rows = await node.sql<{ last_error: string }>(
        'select last_error from package_dispatches where state = 1',
      );
      expect(rows[0]?.last_error).toMatch(/ECONNREFUSED|SFTP_CONNECTION_LOST/);
    });
    expect(await archives()).toHaveLength(1);
    await relay.mend();
    await eventually(async () => expect(await archives()).toHaveLength(2));
    expect(relay.open).toBe(1);
  });

  it('R31 a server that was away is tried again soon, also when the clock was set back meanwhile', async () => {
    await relay.cut();
    await relay.mend(await freePort());
    const clock = Date.now.bind(Date);
    let behind = 0;
    const timeOfDay = vi.spyOn(Date, 'now').mockImplementation(() => clock() - behind);
    try {
      await start();
      // The pause is some seconds by then.
      await eventually(() => Promise.resolve(expect(relay.taken).toBe(4)));
      await sleep(500);
      behind = 3_600_000;
      await relay.cut();
      await relay.mend(sshd.port);
      await eventually(() => readdir(join(receipts, 'rejected')));
    } finally {
      timeOfDay.mockRestore();
    }
  });

  it('R31 a server that says nothing is given up after its time, and stopping does not wait for it', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const folder = open({ port, timeoutMs: 200 });
    await expect(folder.list('', () => true)).rejects.toMatchObject({ code: 'SFTP_TIMEOUT' });
    // Refused at once while it waits, with the reason of the last attempt.
    await expect(folder.list('', () => true)).rejects.toMatchObject({ code: 'SFTP_TIMEOUT' });
    await folder.close();

    const node = await start({ port, timeoutMs: 600_000 });
    await node.register(validRegistration());
    await eventually(async () => {
      const rows = await node.sql('select 1 from package_dispatches where attempts > 0');
      expect(rows).toHaveLength(1);
    });
    await node.stop();
    province = undefined;
    silent.close();
  });

  it('R31 work over a line that went dead ends in bounded time, and the next goes over another', async () => {
    const folder = open({ timeoutMs: 3_000 });
    await folder.place('a.zip', Buffer.from('first'));
    relay.freeze();
    await expect(folder.place('b.zip', Buffer.from('x'))).rejects.toMatchObject({
      code: 'SFTP_TIMEOUT',
    });
    await folder.place('c.zip', Buffer.from('third'));
    expect((await archives()).sort()).toEqual(['a.zip', 'c.zip']);
    await folder.close();
    await expect(folder.read('a.zip')).rejects.toMatchObject({ code: 'SFTP_STOPPED' });
  });

  it('R32 a reader that looks all the time never sees half an archive, also when it is sent again', async () => {
    const folder = open();
    const big = Buffer.alloc(4 * 1024 * 1024, 7);
    let writing = true;
    let seen = 0;
    const reading = (async () => {
      while (writing) {
        for (const name of (await archives()).filter((one) => one.endsWith('.zip'))) {
          expect((await readFile(join(exchange, name))).equals(big)).toBe(true);
          seen += 1;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let round = 0; round < 4; round += 1) await folder.place(`x_${round % 2}.zip`, big);
    writing = false;
    await reading;
    expect(seen).toBeGreaterThan(0);
    expect((await archives()).sort()).toEqual(['x_0.zip', 'x_1.zip']);

    await writeFile(join(exchange, '.left.zip.abc.part'), 'half');
    await removeAbandoned(folder, Date.now());
    expect(await archives()).toContain('.left.zip.abc.part');
    await removeAbandoned(folder, Date.now() + 2 * 3_600_000);
    expect((await archives()).sort()).toEqual(['x_0.zip', 'x_1.zip']);
    await folder.close();
  });
});
