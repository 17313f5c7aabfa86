import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivingDepartmentDay } from '#gen/zhengzhao/v1/data_center_pb.js';
import { PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import { lastDayWithin } from '../../server/domain/identifiers/civil-date.js';
import { daysOff } from '../../server/reference/holidays.js';
import { AUTHORITY, BUILDER_TODAY, validRegistration } from '../support/builders.js';
import { openDataCenter, refusalWith, type TestDataCenter } from '../support/data-center.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const OTHER = { code: '330000000M999', name: '另一部门' };
const DEPT = { receivingDeptCode: AUTHORITY.code };

let province: TestDataCenter;
beforeEach(async () => {
  province = await openDataCenter();
});
afterEach(() => province.close());

/** The figures that are not 0. */
function figures(day: ReceivingDepartmentDay | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(day ?? {}).flatMap(([name, value]) =>
      typeof value === 'bigint' && value > 0n ? [[name, Number(value)]] : [],
    ),
  );
}

async function packageIds(): Promise<string[]> {
  const { packages } = await province.ask.listPackages(DEPT);
  return packages.map(({ packageId }) => packageId);
}

async function report(status: PackageStatus, packageId = '', more: object = {}): Promise<void> {
  await province.ask.acknowledgePackage({ ...DEPT, packageId, status, by: '值班员', ...more });
}

describe('the report per receiving department', () => {
  it('R26 R33 F22 counts how far the packages of a department have come', async () => {
    for (const number of [1, 2, 3, 4, 5])
      await province.register(validRegistration({}, { number }));
    const [fetched = '', claimed = '', returned = '', passedOn = ''] = await packageIds();
    for (const packageId of [fetched, claimed, returned, passedOn])
      await province.ask.getPackage({ ...DEPT, packageId });
    await report(PackageStatus.DEEMED_DELIVERED, claimed, { platformReceiptNo: 'HZ-1' });
    await report(PackageStatus.RECEIVED, claimed);
    await report(PackageStatus.CLAIMED, claimed);
    await report(PackageStatus.RETURNED, returned, {
      returnReason: ReturnReason.SCOPE_NOT_OURS,
    });
    await report(PackageStatus.REASSIGNED, passedOn, {
      reassignedDeptCode: OTHER.code,
      reassignedDeptName: OTHER.name,
    });
    const { departments, nextPageToken } = await province.ask.getExchangeReport({});
    expect(departments.map((day) => [day.date, day.receivingDeptCode, figures(day)])).toEqual([
      [
        BUILDER_TODAY,
        AUTHORITY.code,
        {
          packages: 5,
          messages: 5,
          sent: 4,
          deemedDelivered: 1,
          received: 1,
          claimed: 1,
          returned: 1,
          reassigned: 1,
        },
      ],
      [BUILDER_TODAY, OTHER.code, { packages: 1, messages: 1 }],
    ]);
    expect(departments[1]?.receivingDeptName).toBe(OTHER.name);
    expect(nextPageToken).toBe('');
  });

  it('VR31 is late what has not left within seven working days, and stays so when it leaves', async () => {
    await province.register(validRegistration());
    await province.register(validRegistration({}, { number: 2 }));
    const [punctual = '', overdue = ''] = await packageIds();
    const builtOn = BUILDER_TODAY;
    const lastDay = lastDayWithin(builtOn, 7, daysOff().isHoliday);
    // 2019-12-20 was a Friday; New Year 2020 was a day off.
    expect(lastDay).toBe('2020-01-01');
    const late = async () => {
      const { departments } = await province.ask.getExchangeReport({ fromDate: builtOn });
      return departments[0]?.late;
    };
    province.nowMs = Date.parse(`${lastDay}T23:59:00+08:00`);
    await province.ask.getPackage({ ...DEPT, packageId: punctual });
    expect(await late()).toBe(0n);
    province.nowMs += HOUR_MS;
    expect(await late()).toBe(1n);
    await province.ask.getPackage({ ...DEPT, packageId: overdue });
    expect(await late()).toBe(1n);
  });

  it('is paged by day and department, each page once', async () => {
    for (const number of [1, 2, 3]) {
      await province.register(validRegistration({}, { number }));
      province.nowMs += DAY_MS;
    }
    const days: string[] = [];
    const request = { fromDate: BUILDER_TODAY, toDate: '2019-12-22', pageSize: 2 };
    const first = await province.ask.getExchangeReport(request);
    expect(first.intake).toHaveLength(1);
    const pageToken = first.nextPageToken;
    const second = await province.ask.getExchangeReport({ ...request, pageToken });
    expect([second.intake, second.destinations, second.nextPageToken]).toEqual([[], [], '']);
    for (const { departments } of [first, second]) days.push(...departments.map((d) => d.date));
    expect(days).toEqual([BUILDER_TODAY, '2019-12-21', '2019-12-22']);
    await refusalWith('BAD_PAGE_TOKEN', province.ask.getExchangeReport({ pageToken }));
  });

  it('answers about one department with nothing of the others or of the node', async () => {
    await province.register(validRegistration());
    const [packageId = ''] = await packageIds();
    await province.ask.getPackage({ ...DEPT, packageId });
    await report(PackageStatus.RETURNED, packageId, {
      returnReason: ReturnReason.NO_SUCH_ITEM_IN_SCOPE,
    });
    const own = await province.ask.getExchangeReport(DEPT);
    expect(own.departments.map((day) => day.receivingDeptCode)).toEqual([AUTHORITY.code]);
    expect(own.mappingDefects.map((one) => one.receivingDeptCode)).toEqual([AUTHORITY.code]);
    expect([own.intake, own.destinations, own.refusals, own.senders]).toEqual([[], [], [], []]);
    const other = await province.ask.getExchangeReport({ receivingDeptCode: OTHER.code });
    expect([other.departments, other.mappingDefects]).toEqual([[], []]);
  });
});
