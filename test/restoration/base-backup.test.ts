import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testUscc, validRegistration } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import {
  BASE_BACKUP,
  hasSystemPostgres,
  startSystemPostgres,
  type SystemPostgres,
} from '../support/system-postgres.js';

describe.runIf(hasSystemPostgres)('a base backup, recovered to a moment', () => {
  let server: SystemPostgres;
  let province: TestNode;
  const directory = mkdtempSync(join(tmpdir(), 'zhengzhao-moment-'));

  const start = (): Promise<TestNode> =>
    startTestNode({
      HUB_DATABASE_URL: server.url('hub'),
      HUB_DATABASE_SCHEMA: 'hub',
      HUB_DATA_DIR: directory,
      HUB_REGION: '330000',
    });

  beforeAll(async () => {
    server = await startSystemPostgres();
    await server.run('createdb', 'hub');
    province = await start();
  });
  afterAll(async () => {
    await province.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const register = async (number: number) => {
    const registration = validRegistration({ catalogVersion: '2019.12-prov' }, { number });
    return (await province.registration.submitRegistration({ registration })).receipt!;
  };
  const sql = (statement: string) => server.run('psql', '-qd', 'hub', '-c', statement);

  it('R52 has all until then; what came after is taken again, under numbers never given before', async () => {
    await register(1);
    await server.run('pg_basebackup', '-c', 'fast', '-D', server.file(BASE_BACKUP));
    await register(2);
    await sql(`select pg_create_restore_point('before the mistake')`);
    const lost = await register(3);
    await sql('select pg_switch_wal()');
    await province.stop();
    await server.recoverTo('before the mistake');
    province = await start();

    // It finds out by itself: the server goes on in another timeline.
    const { entries } = await province.dataCenter.listAuditEntries({ actor: 'node:330000' });
    expect(entries.find(({ action }) => action === 'restored')?.outcome).toMatch(/^found-at-start/);
    for (const number of [1, 2])
      expect((await register(number)).duplicate, testUscc(number)).toBe(true);
    await expect(province.registration.getEnterprise({ uscc: testUscc(3) })).rejects.toMatchObject({
      codeName: 'NOT_FOUND',
    });

    const again = await register(3);
    expect(again).toMatchObject({ duplicate: false, digest: lost.digest });
    const numberIn = ({ receiptNo }: { readonly receiptNo: string }) =>
      Number(receiptNo.split('-').at(-1));
    expect(numberIn(again)).toBeGreaterThan(numberIn(lost));
  });
});
