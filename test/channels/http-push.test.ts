import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary, fromJsonString } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PackageContentSchema, PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { createLog } from '../../server/log.js';
import { testName, testUscc, validChange, validRegistration } from '../support/builders.js';
import { eventually, freePort } from '../support/nodes.js';
import { tickedRegistration } from '../support/ticked.js';
import { accepting, answering, openDepartment, type TestDepartment } from './department.js';
import {
  DEPT,
  httpEntry,
  openWorkplace,
  startProvince,
  type ChannelEntry,
  type Province,
  type Workplace,
} from './province.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

const { BUILT, SENT, DEEMED_DELIVERED, FAILED, RECEIVED, TERMINATED, REASSIGNED } = PackageStatus;
const POLICE = '330000000M120';

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('packages pushed by HTTP', () => {
  let place: Workplace;
  let office: TestDepartment;
  let province: Province | undefined;
  beforeEach(async () => {
    place = await openWorkplace();
    office = await openDepartment();
  });
  afterEach(async () => {
    await province?.stop();
    province = undefined;
    await office.close();
    await place.remove();
  });

  async function start(...entries: readonly ChannelEntry[]): Promise<Province> {
    province = await startProvince(await place.channels(...entries));
    return province;
  }

  it('are sent again when an operator asks, and never when they ended meanwhile', async () => {
    office.answer = answering(400, 'no');
    const { register, reaches, exchange, sql } = await start(
      httpEntry(office.url, { maxAttempts: 1 }),
    );
    await register(validRegistration());
    const failed = await reaches(FAILED);
    const retry = (destination: string, request: object = {}) =>
      exchange.retryDeliveries({ destination, requestedBy: '值班员', ...request });
    expect(await retry('packages/other')).toMatchObject({ reopened: 0, remaining: 0 });
    office.answer = accepting;
    expect(await retry('packages/national-exchange')).toMatchObject({ reopened: 1, remaining: 0 });
    const delivered = await reaches(DEEMED_DELIVERED);
    expect(delivered.packageId).toBe(failed.packageId);

    await sql('update package_dispatches set state = 3');
    await sql('update packages set status = ?', [TERMINATED]);
    expect(await retry('packages/national-exchange')).toMatchObject({
      reopened: 0,
      heldBack: 1,
      remaining: 0,
    });
    expect(office.arrived).toHaveLength(2);
  });

  it('R33 R26 are deemed delivered with the receipt number of the platform', async () => {
    const { register, reaches, steps } = await start(httpEntry(office.url));
    await register(validRegistration());
    const delivered = await reaches(DEEMED_DELIVERED);
    expect(delivered.platformReceiptNo).toBe(`HZ-${delivered.packageId}`);
    expect((await steps(delivered.packageId)).map((step) => [step.status, step.by])).toEqual([
      [BUILT, 'hub'],
      [SENT, 'national-exchange'],
      [DEEMED_DELIVERED, 'national-exchange'],
    ]);

    expect(office.arrived).toHaveLength(1);
    const { headers, body } = office.arrived[0]!;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': delivered.packageId,
      'x-package-id': delivered.packageId,
      'x-receiving-department': DEPT,
      'x-record-count': '1',
      'x-content-sha256': sha256(body),
      'x-package-sha256': delivered.sha256,
    });
    expect(headers.authorization).toBeUndefined();
    const content = fromJsonString(PackageContentSchema, body.toString('utf8'));
    expect(content).toMatchObject({ packageId: delivered.packageId, receivingDeptCode: DEPT });
    expect(content.registrations[0]?.uscc).toBe(testUscc(1));
  });

  it('R26 can leave as the stored Protobuf bytes, with a bearer token that can be renewed', async () => {
    await writeFile(join(place.directory, 'token'), 'first-token\n', { mode: 0o600 });
    const entry = httpEntry(office.url, { format: 'protobuf', tokenFile: 'token' });
    const { register, packages } = await start(entry);
    await register(validRegistration());
    await eventually(async () => expect(office.arrived).toHaveLength(1));
    await writeFile(join(place.directory, 'token'), 'second-token');
    await register(validRegistration({}, { number: 2 }));
    await eventually(async () => expect(office.arrived).toHaveLength(2));
    expect(office.arrived.map((one) => one.headers.authorization)).toEqual([
      'Bearer first-token',
      'Bearer second-token',
    ]);
    const [first] = await packages();
    expect(sha256(office.arrived[0]!.body)).toBe(first?.sha256);
    expect(fromBinary(PackageContentSchema, office.arrived[0]!.body).packageId).toBe(
      first?.packageId,
    );
  });

  it('R26 do not leave while others could read the token', async () => {
    await writeFile(join(place.directory, 'token'), 'a-token', { mode: 0o644 });
    const { register, reaches, sql } = await start(httpEntry(office.url, { tokenFile: 'token' }));
    await register(validRegistration());
    await eventually(async () => {
      const rows = await sql('select last_error from package_dispatches');
      expect(rows).toEqual([{ last_error: 'SECRET_FILE_EXPOSED' }]);
    });
    expect(office.arrived).toEqual([]);
    await chmod(join(place.directory, 'token'), 0o600);
    await reaches(DEEMED_DELIVERED);
  });

  it('R33 reach an endpoint that was down once it is back', async () => {
    const { port } = office;
    await office.close();
    const { register, packages, reaches, sql } = await start(httpEntry(office.url));
    await register(validRegistration());
    await eventually(async () => {
      const [row] = await sql<{ attempts: number; last_error: string }>(
        'select attempts, last_error from package_dispatches',
      );
      expect(row?.attempts).toBeGreaterThan(0);
      expect(row?.last_error).toBe('ECONNREFUSED');
    });
    expect((await packages()).map((one) => one.status)).toEqual([BUILT]);
    office = await openDepartment(port);
    await reaches(DEEMED_DELIVERED);
    expect(office.arrived).toHaveLength(1);
  });

  const NO_RECEIPT = 'HTTP 200 应答无 receiptNo / without a receiptNo';

  it.each([
    ['is at fault itself', answering(503, 'busy'), 'HTTP 503'],
    ['sends elsewhere', answering(302), 'HTTP 302'],
    ['gives no receipt number', answering(200, '{"ok":true}'), NO_RECEIPT],
    ['answers without end', answering(200, 'x'.repeat(100_000)), NO_RECEIPT],
    ['does not answer', () => undefined, 'TimeoutError'],
  ])('R33 are tried again when the endpoint %s', async (_, answer, failure) => {
    office.answer = answer;
    const { register, reaches, sql } = await start(httpEntry(office.url, { timeoutMs: 300 }));
    await register(validRegistration());
    await eventually(async () => {
      const rows = await sql('select state, last_error from package_dispatches');
      expect(rows).toEqual([{ state: 1, last_error: failure }]);
    });
    office.answer = accepting;
    await reaches(DEEMED_DELIVERED);
  });

  it('R33 F5 have failed after a bounded number of refusals, are listed, and can be redirected', async () => {
    office.answer = answering(422, '{"secret":"千岛"}');
    const lines: string[] = [];
    const log = createLog('info', '330000', { write: (line) => void lines.push(line) });
    const file = await place.channels(httpEntry(office.url, { maxAttempts: 2 }));
    province = await startProvince(file, {}, log);
    const { register, reaches, steps, dataCenter } = province;
    await register(validRegistration());
    const failed = await reaches(FAILED);
    expect(office.arrived).toHaveLength(2);
    const last = (await steps(failed.packageId)).at(-1);
    expect(last).toMatchObject({
      by: 'national-exchange',
      note: expect.stringContaining('HTTP 422'),
    });
    const report = await dataCenter.getExchangeReport({});
    expect(report.destinations).toContainEqual(
      expect.objectContaining({
        destination: 'packages/national-exchange',
        state: 'DEAD',
        count: 1n,
      }),
    );

    office.answer = accepting;
    const { reassignedPackageId } = await dataCenter.acknowledgePackage({
      packageId: failed.packageId,
      receivingDeptCode: DEPT,
      status: REASSIGNED,
      reassignedDeptCode: POLICE,
      reassignedDeptName: '浙江省公安厅',
      by: '值班员',
    });
    const redirected = await reaches(DEEMED_DELIVERED, POLICE);
    expect(redirected.packageId).toBe(reassignedPackageId);
    expect(lines.join()).toContain(failed.packageId);
    for (const secret of ['千岛', testUscc(1), testName(1), office.url])
      expect(lines.join()).not.toContain(secret);
  });

  it('R33 what waits on a channel and what it gave up are in the status and the metrics', async () => {
    const port = await freePort();
    office.answer = answering(400);
    const file = await place.channels(httpEntry(office.url, { maxAttempts: 1 }));
    province = await startProvince(file, { HUB_METRICS: `127.0.0.1:${port}` });
    const { register, reaches, dataCenter, exchange } = province;
    const link = async () => {
      const { links } = await dataCenter.getNodeStatus({});
      return links.find(({ destination }) => destination === 'packages/national-exchange');
    };
    expect(await link()).toMatchObject({ push: true, open: 0n, dead: 0n });
    await register(validRegistration());
    await reaches(FAILED);
    office.answer = answering(503);
    await register(validRegistration({}, { number: 2 }));
    expect(await link()).toMatchObject({ open: 1n, dead: 1n, acknowledgedLastMinute: 0n });
    expect((await link())?.oldestOpenAt).toBeDefined();

    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const value = (name: string): string | undefined =>
      new RegExp(`^${name}\\{destination="packages/national-exchange"\\} (.+)$`, 'm').exec(
        metrics,
      )?.[1];
    expect(value('hub_backlog')).toBe('1');
    expect(value('hub_dead_letters')).toBe('1');
    expect(Number(value('hub_backlog_age_seconds'))).toBeGreaterThan(0);

    office.answer = accepting;
    await exchange.retryDeliveries({
      destination: 'packages/national-exchange',
      requestedBy: '值班员',
    });
    await eventually(async () =>
      expect(await link()).toMatchObject({ open: 0n, dead: 0n, acknowledgedLastMinute: 2n }),
    );
    expect((await link())?.lastAcknowledgedAt).toBeDefined();
  });

  it('R26 a package that could not be pushed is still there to be fetched', async () => {
    office.answer = answering(400);
    const { register, reaches, dataCenter } = await start(
      httpEntry(office.url, { maxAttempts: 1 }),
    );
    await register(validRegistration());
    const { packageId } = await reaches(FAILED);
    const own = { packageId, receivingDeptCode: DEPT };
    const { package: fetched } = await dataCenter.getPackage(own);
    expect(fetched?.status).toBe(SENT);
    await dataCenter.acknowledgePackage({ ...own, status: RECEIVED, by: '窗口' });
    await reaches(RECEIVED);
  });

  it('R31 an endpoint that hangs never slows another department’s', async () => {
    const police = await openDepartment();
    try {
      office.answer = () => undefined;
      const { catalog, register, reaches, packages } = await start(
        httpEntry(office.url, { departments: [DEPT], timeoutMs: LONGER_THAN_A_TEST_MS }),
        httpEntry(police.url, { name: 'police', departments: [POLICE] }),
      );
      const ticks = { codes: ['PA0015', 'PB0008'] };
      const event = await tickedRegistration(catalog, ticks);
      expect(event.permitItems.map((item) => item.receivingDeptCode).sort()).toEqual(
        [DEPT, POLICE].sort(),
      );
      await register(event);
      await reaches(DEEMED_DELIVERED, POLICE);
      expect(police.arrived.map((one) => one.headers['x-receiving-department'])).toEqual([POLICE]);
      expect((await packages()).map((one) => one.status)).toEqual([BUILT]);
      await eventually(async () => expect(office.arrived).toHaveLength(1));
    } finally {
      await police.close();
    }
  });

  it('R31 reach a department in the order of the enterprise’s events, whatever is tried again', async () => {
    const { register, packages } = await start(httpEntry(office.url));
    const accepted: string[] = [];
    let first: string | undefined;
    let refusals = 2;
    office.answer = (one, response) => {
      first ??= one.packageId;
      // Until it was refused twice and the other enterprise's had its turn, however slow everything is.
      const early = refusals > 0 || accepted.length === 0;
      if (one.packageId === first && early) {
        refusals -= 1;
        return answering(400)(one, response);
      }
      accepted.push(one.packageId);
      accepting(one, response);
    };
    await register(validRegistration(), validChange(), validRegistration({}, { number: 2 }));
    await eventually(async () => expect(accepted).toHaveLength(3));
    const [established, changed, other] = (await packages()).map((one) => one.packageId);
    expect(first).toBe(established);
    expect(accepted).toEqual([other, established, changed]);
  });

  it('R33 what was terminated before it left does not leave any more', async () => {
    office.answer = answering(503);
    const { register, reaches, sql, dataCenter } = await start(httpEntry(office.url));
    await register(validRegistration());
    const { packageId } = await reaches(BUILT);
    await dataCenter.acknowledgePackage({
      packageId,
      receivingDeptCode: DEPT,
      status: TERMINATED,
      by: '值班员',
    });
    // Until then an attempt from before the end may be under way, and would be accepted.
    await eventually(async () =>
      expect(await sql('select state from package_dispatches')).toEqual([{ state: 4 }]),
    );
    office.answer = accepting;
    const refused = office.arrived.length;
    await register(validRegistration({}, { number: 2 }));
    await eventually(async () =>
      expect(await sql('select state from package_dispatches order by id')).toEqual([
        { state: 4 },
        { state: 2 },
      ]),
    );
    expect(office.arrived.slice(refused).map((one) => one.packageId)).not.toContain(packageId);
    const [status] = await sql('select status from packages where package_id = ?', [packageId]);
    expect(status).toEqual({ status: TERMINATED });
  });

  describe('reassigned before it has left', () => {
    const toPolice = (packageId: string) => ({
      ...{ packageId, receivingDeptCode: DEPT, status: REASSIGNED, by: '值班员' },
      ...{ reassignedDeptCode: POLICE, reassignedDeptName: '浙江省公安厅' },
    });

    it('F22 R33 a package that its channel refuses goes to the other department alone', async () => {
      office.answer = answering(422);
      const { register, reaches, sql, dataCenter } = await start(httpEntry(office.url));
      await register(validRegistration());
      const { packageId } = await reaches(BUILT);
      const states = () => sql('select package_id, state from package_dispatches order by id');
      // Two refusals are behind it, so that the next attempt is not at once.
      await eventually(async () => expect(office.arrived.length).toBeGreaterThan(1));
      const { reassignedPackageId } = await eventually(() =>
        dataCenter.acknowledgePackage(toPolice(packageId)),
      );
      expect((await states())[0]).toEqual({ package_id: packageId, state: 4 });
      const refused = office.arrived.filter((one) => one.packageId === packageId).length;
      office.answer = accepting;
      await reaches(DEEMED_DELIVERED, POLICE);
      await reaches(REASSIGNED);
      expect(await states()).toEqual([
        { package_id: packageId, state: 4 },
        { package_id: reassignedPackageId, state: 2 },
      ]);
      expect(office.arrived.filter((one) => one.packageId === packageId)).toHaveLength(refused);
    });

    it('F22 R33 waits for the end of an attempt that may arrive', async () => {
      let answer: (() => void) | undefined;
      office.answer = (arrived, response) => (answer = () => accepting(arrived, response));
      const { register, reaches, packages, dataCenter } = await start(
        httpEntry(office.url, { timeoutMs: LONGER_THAN_A_TEST_MS }),
      );
      await register(validRegistration());
      await eventually(async () => expect(office.arrived).toHaveLength(1));
      const { packageId } = await reaches(BUILT);
      await expect(dataCenter.acknowledgePackage(toPolice(packageId))).rejects.toMatchObject({
        codeName: 'UNAVAILABLE',
      });
      await reaches(BUILT);
      expect(await packages(POLICE)).toEqual([]);
      answer?.();
      await reaches(DEEMED_DELIVERED);
      office.answer = accepting;
      await dataCenter.acknowledgePackage(toPolice(packageId));
      await reaches(DEEMED_DELIVERED, POLICE);
    });
  });

  it('R33 a department that was faster than its platform keeps its state; the number is noted', async () => {
    let answer: (() => void) | undefined;
    office.answer = (arrived, response) => (answer = () => accepting(arrived, response));
    const { register, reaches, dataCenter, packages } = await start(httpEntry(office.url));
    await register(validRegistration());
    await eventually(async () => expect(answer).toBeDefined());
    const [built] = await packages();
    const own = { packageId: built!.packageId, receivingDeptCode: DEPT };
    await dataCenter.getPackage(own);
    await dataCenter.acknowledgePackage({ ...own, status: RECEIVED, by: '窗口' });
    answer?.();
    await eventually(async () => {
      expect((await packages())[0]?.platformReceiptNo).toBe(`HZ-${own.packageId}`);
    });
    await reaches(RECEIVED);
    const { package: fetched } = await dataCenter.getPackage(own);
    expect(fetched?.steps.map((step) => step.status)).toContain(DEEMED_DELIVERED);
  });
});
