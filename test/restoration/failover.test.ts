import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { validRegistration } from '../support/builders.js';
import { eventually } from '../support/nodes.js';
import { NodeProcess } from '../support/process.js';
import {
  BASE_BACKUP,
  hasSystemPostgres,
  startSystemPostgres,
  type SystemPostgres,
} from '../support/system-postgres.js';

describe.runIf(hasSystemPostgres)('a PostgreSQL that fails under a running node', () => {
  let server: SystemPostgres;
  let node: NodeProcess;
  let registration: GrpcClient<typeof Registration>;
  let dataCenter: GrpcClient<typeof DataCenter>;
  let directory: string;

  async function start(): Promise<void> {
    node = new NodeProcess({
      HUB_DATABASE_URL: server.url('hub'),
      HUB_DATA_DIR: directory,
      HUB_REGION: '330000',
      HUB_PORT: '0',
      HUB_ANONYMOUS: 'trial',
      HUB_SWEEP_MS: '300',
    });
    const address = await node.listening();
    registration = createGrpcClient(Registration, address, {});
    dataCenter = createGrpcClient(DataCenter, address, {});
  }
  const close = (): void => {
    registration.close();
    dataCenter.close();
  };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'zhengzhao-failover-'));
    server = await startSystemPostgres();
    await server.run('createdb', 'hub');
    await start();
  });
  afterEach(async () => {
    close();
    await node.kill();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const register = async (number: number) => {
    const event = validRegistration({ catalogVersion: '2019.12-prov' }, { number });
    return (await registration.submitRegistration({ registration: event })).receipt!;
  };
  const restorations = async () => {
    const { entries } = await dataCenter.listAuditEntries({ actor: 'node:330000' });
    return entries.filter(({ action }) => action === 'restored');
  };
  const numberIn = ({ receiptNo }: { readonly receiptNo: string }) =>
    Number(receiptNo.split('-').at(-1));

  it('R52 a standby takes over: it takes nothing, ends, and goes on under numbers never given before', async () => {
    await register(1);
    await server.run('pg_basebackup', '-R', '-c', 'fast', '-D', server.file(BASE_BACKUP));
    const lost = await register(2);
    await server.failOver();
    await expect(register(3)).rejects.toMatchObject({ codeName: 'UNAVAILABLE' });
    await server.promote();
    const taken: string[] = [];
    for (let ended = false; !ended;) {
      const again = register(2).then(
        ({ receiptNo }) => void taken.push(receiptNo),
        () => undefined,
      );
      ended = await Promise.race([node.ended().then(() => true), again.then(() => false)]);
      if (taken.length > 0) break;
    }
    expect(taken).toEqual([]);
    expect(await node.ended()).toBe(1);
    expect(node.stderr).toMatch(/数据库已换到另一处.*database is in another place/);
    close();

    await start();
    expect(await restorations()).toMatchObject([
      { outcome: expect.stringMatching(/^found-at-start/) as string },
    ]);
    expect((await register(1)).duplicate).toBe(true);
    const again = await register(2);
    expect(again).toMatchObject({ duplicate: false, digest: lost.digest });
    expect(numberIn(again)).toBeGreaterThan(numberIn(lost));
  });

  it('is a standby when the node starts: the node waits until it is promoted', async () => {
    await register(1);
    await server.run('pg_basebackup', '-R', '-c', 'fast', '-D', server.file(BASE_BACKUP));
    close();
    await node.kill();
    await server.failOver();
    const starting = start();
    await Promise.race([node.says('recovers; waiting'), starting]);
    await server.promote();
    await starting;
    expect((await register(1)).duplicate).toBe(true);
  });

  it('crashes and recovers: the node goes on, under the numbers that follow', async () => {
    const before = await register(1);
    await server.crash();
    const after = await eventually(() => register(2));
    expect(numberIn(after) - numberIn(before)).toBeLessThan(1_000);
    expect(await restorations()).toEqual([]);
  });
});
