import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { freshSchema } from '../support/database.js';
import { validRegistration } from '../support/builders.js';
import { DATA_DIR, eventually } from '../support/nodes.js';
import { NodeProcess } from '../support/process.js';
import { accepting, openDepartment, type TestDepartment } from './department.js';
import {
  drop,
  folderEntry,
  httpEntry,
  openWorkplace,
  startProvince,
  type Workplace,
} from './province.js';

describe('a process that pushes and is killed', () => {
  let place: Workplace;
  let office: TestDepartment;
  beforeEach(async () => {
    place = await openWorkplace();
    office = await openDepartment();
  });
  afterEach(async () => {
    await office.close();
    await place.remove();
  });

  it('R33 between sending and noting it: the same package is sent again and delivered once', async () => {
    const schema = freshSchema('n');
    const file = await place.channels(httpEntry(office.url, { timeoutMs: 3_000 }));
    const common = { HUB_DATABASE_SCHEMA: schema };
    const api = await startProvince(file, { ...common, HUB_PROCESS: 'api' });
    const worker = new NodeProcess({
      ...common,
      HUB_DATABASE_URL: inject('databaseUrl'),
      // Where the key is that signs the receipts of this database.
      HUB_DATA_DIR: DATA_DIR,
      HUB_REGION: '330000',
      HUB_PROCESS: 'worker',
      HUB_CHANNELS_FILE: file,
      HUB_SWEEP_MS: '100',
    });
    try {
      // It has taken the package; the answer never comes back, as its receiver is dead.
      office.answer = () => worker.signal('SIGKILL');
      await worker.says('只投递');
      await api.register(validRegistration());
      await worker.ended();
      expect(office.arrived).toHaveLength(1);
      expect((await api.packages()).map((one) => one.status)).toEqual([PackageStatus.BUILT]);

      office.answer = accepting;
      const next = await startProvince(file, { ...common, HUB_PROCESS: 'worker' });
      const delivered = await api.reaches(PackageStatus.DEEMED_DELIVERED);
      await next.stop();
      expect(office.arrived.map((one) => one.packageId)).toEqual([
        delivered.packageId,
        delivered.packageId,
      ]);
      expect(office.arrived[1]?.body).toEqual(office.arrived[0]?.body);
      const statuses = (await api.steps(delivered.packageId)).map((step) => step.status);
      expect(statuses).toEqual([
        PackageStatus.BUILT,
        PackageStatus.SENT,
        PackageStatus.DEEMED_DELIVERED,
      ]);
    } finally {
      await worker.kill();
      await api.stop();
    }
  });

  it('R33 before it noted that an archive is there: a receipt for it waits and is applied once', async () => {
    const exchange = join(place.directory, 'exchange');
    const receipts = join(exchange, 'receipts');
    await mkdir(receipts, { recursive: true });
    const file = await place.channels(folderEntry());
    const schema = freshSchema('n');
    const api = await startProvince(file, { HUB_DATABASE_SCHEMA: schema, HUB_PROCESS: 'api' });
    try {
      await api.register(validRegistration());
      const [built] = await api.packages();
      // As a killed process leaves it: claimed, placed, and half of another attempt beside it.
      await api.sql(
        `update package_dispatches set attempts = 1, next_attempt_at = now() + interval '2 seconds'`,
      );
      await writeFile(join(exchange, '.x.zip.abc.part'), 'half');
      await drop(
        receipts,
        'r.json',
        JSON.stringify({ packageId: built!.packageId, status: 'RECEIVED', by: '窗口' }),
      );
      const worker = await startProvince(file, {
        HUB_DATABASE_SCHEMA: schema,
        HUB_PROCESS: 'worker',
      });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await readdir(join(receipts, 'rejected'))).toEqual([]);
      await api.reaches(PackageStatus.RECEIVED);
      await eventually(async () => expect(await readdir(join(receipts, 'done'))).toHaveLength(1));
      await worker.stop();
      const statuses = (await api.steps(built!.packageId)).map((step) => step.status);
      expect(statuses).toEqual([PackageStatus.BUILT, PackageStatus.SENT, PackageStatus.RECEIVED]);
    } finally {
      await api.stop();
    }
  });

  it('R33 two processes at once push each package once', async () => {
    const file = await place.channels(httpEntry(office.url));
    const common = { HUB_DATABASE_SCHEMA: freshSchema('n') };
    const first = await startProvince(file, common);
    const second = await startProvince(file, common);
    try {
      const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
      await Promise.all(numbers.map((number) => first.register(validRegistration({}, { number }))));
      await eventually(async () => {
        const rows = await first.sql('select 1 from package_dispatches where state = 2');
        expect(rows).toHaveLength(numbers.length);
      });
      const ids = office.arrived.map((one) => one.packageId);
      expect(ids).toHaveLength(numbers.length);
      expect(new Set(ids).size).toBe(numbers.length);
    } finally {
      await first.stop();
      await second.stop();
    }
  });
});
