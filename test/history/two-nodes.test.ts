import type { Knex } from 'knex';
import { toJson } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import {
  GetExchangeReportResponseSchema,
  HistoryMonthState,
  ListPackagesResponseSchema,
  ReconcileResponseSchema,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  DeliveryState,
  GetMessageResponseSchema,
  ListDeliveriesResponseSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { monthOf } from '../../server/domain/history/months.js';
import { reconcileLink } from '../../server/reconciliation/reconcile-link.js';
import { giveBack } from '../../server/restoration/give-back.js';
import { hearOfRestoration } from '../../server/restoration/hearing.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  AUTHORITY,
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { hub, hubJson } from '../support/command-line.js';
import { halfWritten } from '../support/half-written.js';
import { tend } from '../support/history.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const NUMBERS = [1, 2, 3, 4];
const log = pino({ level: 'silent' });
/** Everything that the test has written is old by then. */
const LATER = { inDays: 100 };

const today = (): string => civilDateIn(Date.now());
const yesterday = (): string => civilDateIn(Date.now() - 86_400_000);
const mark = (number: number) =>
  validPublicityChange(
    {
      record: {
        kind: MessageKind.LICENCE,
        ownerOrg: AUTHORITY.code,
        businessKey: `LIC-${number}`,
      },
    },
    { number, envelope: { sourceOrg: AUTHORITY.code, messageId: testMessageId(40, number) } },
  );

/** A province and the national node, whose work of today is history by the time that it is tended. */
describe('two nodes with a history', () => {
  let national: TestNode;
  let province: TestNode;
  const pools = new Map<TestNode, Knex>();
  const knexOf = (node: TestNode): Knex => pools.get(node)!;
  let packageIds: string[];

  beforeAll(async () => {
    const port = await freePort();
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_NODES: `330000=http://127.0.0.1:${port}`,
    });
    province = await startTestNode({
      HUB_REGION: '330000',
      HUB_PORT: String(port),
      HUB_UPSTREAM_URL: `http://${national.address}`,
    });
    for (const node of [national, province])
      pools.set(
        node,
        openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 4 }),
      );
    await province.registration.batchSubmitRegistrations({
      registrations: [
        ...NUMBERS.map((number) => validRegistration(CATALOGUE, { number })),
        validRegistration({ ...CATALOGUE, entName: '' }, { number: 9 }),
      ],
    });
    await province.exchange.batchSubmitRecords({
      records: NUMBERS.map((number) => validLicence({}, { number })),
    });
    const { packages } = await province.dataCenter.listPackages({
      receivingDeptCode: AUTHORITY.code,
    });
    packageIds = packages.map((one) => one.packageId);
    for (const packageId of packageIds.slice(1)) await received(packageId);
    await quiet();
    expect(await province.sql('select 1 from refusals')).toHaveLength(1);
  });
  afterAll(async () => {
    await province.stop();
    await national.stop();
    for (const knex of pools.values()) await knex.destroy();
  });

  async function received(packageId: string): Promise<void> {
    const request = { packageId, receivingDeptCode: AUTHORITY.code };
    await province.dataCenter.getPackage(request);
    await province.dataCenter.acknowledgePackage({
      ...request,
      status: PackageStatus.RECEIVED,
      by: '值班员',
    });
  }

  /** Nothing is on its way, and nothing stopped on it. */
  function quiet(): Promise<void> {
    return eventually(async () => {
      for (const node of [national, province])
        expect(await node.sql('select * from deliveries where state in (1, 3)')).toEqual([]);
    });
  }

  async function countOf(node: TestNode, table: string): Promise<number> {
    const [row] = await node.sql<{ n: number }>(`select count(*)::int as n from ${table}`);
    return row!.n;
  }

  /** All that a node answers about what is over. */
  async function answersOf(node: TestNode): Promise<unknown> {
    const days = { fromDate: yesterday(), toDate: today() };
    const lives: unknown[] = [];
    for (const series of [1, 4])
      for (const number of NUMBERS) {
        const messageId = testMessageId(series, number);
        const life = await node.exchange.getMessage({ messageId, sourceNode: '330000' });
        lives.push(toJson(GetMessageResponseSchema, life));
      }
    const deliveries: unknown[] = [];
    for (let pageToken = '', more = true; more;) {
      const page = await node.exchange.listDeliveries({ pageSize: 3, pageToken });
      deliveries.push(toJson(ListDeliveriesResponseSchema, { ...page, nextPageToken: '' }));
      pageToken = page.nextPageToken;
      more = pageToken !== '';
    }
    const report = await node.dataCenter.getExchangeReport(days);
    const packages = await node.dataCenter.listPackages({ receivingDeptCode: AUTHORITY.code });
    const exchanged = await node.dataCenter.reconcile({
      ...days,
      peerNode: node === national ? '330000' : '100000',
      includeIds: true,
    });
    const { links } = await node.dataCenter.getNodeStatus({});
    return {
      lives,
      deliveries,
      report: toJson(GetExchangeReportResponseSchema, report),
      packages: toJson(ListPackagesResponseSchema, packages),
      exchanged: toJson(ReconcileResponseSchema, exchanged),
      last: links.map(({ destination, lastAcknowledgedAt }) => [destination, lastAcknowledgedAt]),
    };
  }

  it('the life line, lists, reports, packages and reconciliation say the same when it has moved', async () => {
    for (const node of [province, national]) {
      const before = await answersOf(node);
      const deliveries = await countOf(node, 'deliveries');
      const tended = await tend(knexOf(node), { ...LATER, node: node.code });
      expect(tended).toMatchObject({ complete: true, moved: { deliveries } });
      expect([node.code, await countOf(node, 'deliveries')]).toEqual([node.code, 0]);
      expect(await answersOf(node)).toEqual(before);
    }
    expect(await countOf(province, 'refusals')).toBe(0);
    expect(await countOf(province, 'refusals_history')).toBe(1);
    expect(await halfWritten(province)).toEqual([]);
  });

  it('R26 packages that wait for a department stay; one that it touches again comes back, with its steps', async () => {
    const waiting = await province.sql<{ status: number }>('select status from packages');
    expect(new Set(waiting.map(({ status }) => status))).toEqual(new Set([PackageStatus.BUILT]));
    expect(await countOf(province, 'packages_history')).toBe(packageIds.length - 1);
    const [, packageId = ''] = packageIds;
    const request = { packageId, receivingDeptCode: AUTHORITY.code };
    // Reported twice: it is known, though it was long ago.
    await province.dataCenter.acknowledgePackage({
      ...request,
      status: PackageStatus.RECEIVED,
      by: '值班员',
    });
    await province.dataCenter.acknowledgePackage({
      ...request,
      status: PackageStatus.CLAIMED,
      by: '值班员',
    });
    const { package: found } = await province.dataCenter.getPackage(request);
    const statuses = (found?.steps ?? []).map(({ status }) => status);
    const { BUILT, SENT, RECEIVED, CLAIMED } = PackageStatus;
    // The last one is that the department fetched it once more.
    expect(statuses).toEqual([BUILT, SENT, RECEIVED, CLAIMED, CLAIMED]);
    expect(await countOf(province, 'packages_history')).toBe(packageIds.length - 2);
    await expect(
      province.dataCenter.getPackage({ ...request, receivingDeptCode: '330000000M120' }),
    ).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    expect(await tend(knexOf(province), LATER)).toMatchObject({ moved: { packages: 1 } });
  });

  it('F21 what the other side lost is sent again, out of the history', async () => {
    await national.sql('delete from messages where kind = 2 and entity = ?', [testUscc(2)]);
    await national.sql('delete from records where uscc = ?', [testUscc(2)]);
    const parts = { knex: knexOf(province), log, node: '330000', peer: '100000' };
    const report = await reconcileLink(
      { ...parts, client: national.dataCenter, wake: () => undefined },
      { fromDate: yesterday(), toDate: today() },
    );
    expect(report).toMatchObject({ missingThere: 1, resent: 1 });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(2) });
      expect(licences).toHaveLength(1);
    });
    await quiet();
    const twice = await province.sql(
      'select id from all_deliveries group by id having count(*) > 1',
    );
    expect(twice).toEqual([]);
  });

  it('R52 a neighbour that was restored is given back what it had acknowledged, out of the history', async () => {
    await tend(knexOf(province), LATER);
    const all = await countOf(province, 'all_deliveries');
    await national.sql('delete from messages where kind = 2 and entity = ?', [testUscc(3)]);
    await national.sql('delete from records where uscc = ?', [testUscc(3)]);
    await hearOfRestoration({ knex: knexOf(province), log, node: '330000' }, '100000', {
      restoredAt: new Date(),
      backupUntil: new Date(Date.now() - 3_600_000),
      link: 1,
    });
    while (
      await giveBack({ knex: knexOf(province), log, wake: () => undefined, nationalNode: '100000' })
    );
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(3) });
      expect(licences).toHaveLength(1);
    });
    await quiet();
    const [done] = await province.sql<{ sent_again: number; finished_at: Date }>(
      'select sent_again::int, finished_at from peer_restorations',
    );
    expect(done).toMatchObject({ sent_again: all, finished_at: expect.any(Date) as Date });
    expect(await countOf(province, 'all_deliveries')).toBe(all);
  });

  it('R55 a record is called back when its delivery has moved, and also when its month is detached', async () => {
    await tend(knexOf(province), LATER);
    await province.exchange.setRecordPublicity({ change: mark(1) });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(licences).toEqual([]);
    });
    await quiet();

    const month = monthOf(Date.now());
    const table = `deliveries_history_${month.replace('-', '_')}`;
    const years = { inDays: 400, keptMonths: 3 };
    expect((await tend(knexOf(province), years))?.detached).toContain(table);
    expect(await countOf(province, table)).toBeGreaterThan(0);
    const gone = await province.exchange.listDeliveries({});
    expect(gone.deliveries).toEqual([]);
    await province.exchange.setRecordPublicity({ change: mark(4) });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(4) });
      expect(licences).toEqual([]);
    });
    await quiet();
    const report = await province.dataCenter.getExchangeReport({
      fromDate: today(),
      toDate: today(),
    });
    expect(report.nonPublicGoneUp).toBe(0n);
    // Nothing else is refused while the month is away.
    await province.registration.submitRegistration({
      registration: validRegistration(CATALOGUE, { number: 6 }),
    });
    await quiet();
  });

  it('hub history tells months, rows and what comes next; a month that is attached again is seen again', async () => {
    const month = monthOf(Date.now());
    const env = { HUB_SERVER: province.address };
    const shown = await hub(['history'], { env });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/已分离 detached +\d+ .*dump it, then drop it/);
    type Told = { histories: { table: string; months: { month: string; state: string }[] }[] };
    const { json } = await hubJson<Told>(['history'], { env });
    expect(json.histories.map(({ table }) => table)).toEqual([
      'deliveries',
      'refusals',
      'packages',
      'package_steps',
    ]);
    const stateOf = async (): Promise<HistoryMonthState | undefined> => {
      const { histories } = await province.dataCenter.getHistory({});
      return histories[0]?.months.find((one) => one.month === month)?.state;
    };
    expect(await stateOf()).toBe(HistoryMonthState.DETACHED);
    const table = `deliveries_history_${month.replace('-', '_')}`;
    const [{ bounds } = { bounds: '' }] = await province.sql<{ bounds: string }>(
      `select 'from (''' || ? || ''') to (''' || ? || ''')' as bounds`,
      [`${month}-01T00:00:00+08:00`, nextMonth(month)],
    );
    await province.sql(
      `alter table deliveries_history attach partition ${table} for values ${bounds}`,
    );
    expect(await stateOf()).toBe(HistoryMonthState.ATTACHED);
    const { deliveries } = await province.exchange.listDeliveries({
      messageId: testMessageId(4, 4),
    });
    expect(deliveries[0]).toMatchObject({ rule: 'UP-NAMED', state: DeliveryState.ACKNOWLEDGED });
  });
});

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
  return `${next}-01T00:00:00+08:00`;
}
