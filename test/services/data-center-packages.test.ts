import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AcknowledgePackageResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  PackageContentSchema,
  PackageStatus,
  ReturnReason,
  type DepartmentPackage,
} from '#gen/zhengzhao/v1/package_pb.js';
import { mayBecome } from '../../server/domain/registration/package-state.js';
import { lockNames } from '../../server/storage/node-locks.js';
import {
  AUTHORITY,
  foodPermitItem,
  testMessageId,
  testUscc,
  validChange,
  validRegistration,
} from '../support/builders.js';
import {
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';
import { heldTransaction } from '../support/database.js';
import { eventually } from '../support/nodes.js';

const DEPT = AUTHORITY.code;
const OTHER = { code: '330900000M660', name: '舟山市市场监督管理局' };

describe('packages of a department', () => {
  let centre: TestDataCenter;
  let next = 1;
  beforeAll(async () => {
    centre = await openDataCenter();
  });
  afterAll(() => centre.close());

  /** A registration of an enterprise of its own, and the package it led to. */
  async function newPackage(): Promise<{ number: number; package: DepartmentPackage }> {
    const number = next++;
    await centre.register(validRegistration({}, { number }));
    const { packages } = await centre.ask.listPackages({
      receivingDeptCode: DEPT,
      pageSize: 200,
    });
    const last = packages.at(-1);
    if (!last) throw new Error('No package was built.');
    return { number, package: last };
  }

  async function fetched(): Promise<string> {
    const { package: one } = await newPackage();
    await centre.ask.getPackage({ packageId: one.packageId, receivingDeptCode: DEPT });
    return one.packageId;
  }

  type Report = Omit<Parameters<typeof centre.ask.acknowledgePackage>[0], '$typeName'>;
  function report(packageId: string, fields: Report): Promise<AcknowledgePackageResponse> {
    return centre.ask.acknowledgePackage({
      packageId,
      receivingDeptCode: DEPT,
      by: '浙江省共享平台',
      ...fields,
    });
  }

  async function fetch(
    packageId: string,
    receivingDeptCode: string = DEPT,
  ): Promise<DepartmentPackage> {
    const { package: one } = await centre.ask.getPackage({ packageId, receivingDeptCode });
    if (!one) throw new Error('No package came.');
    return one;
  }

  it('R26 lists the packages of one department, oldest first, without content', async () => {
    const built = [await newPackage(), await newPackage(), await newPackage()];
    const pages: DepartmentPackage[] = [];
    let pageToken = '';
    do {
      const page = await centre.ask.listPackages({
        receivingDeptCode: DEPT,
        pageSize: 2,
        pageToken,
      });
      expect(page.packages.length).toBeLessThanOrEqual(2);
      pages.push(...page.packages);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages.map((one) => one.packageId)).toEqual(built.map((one) => one.package.packageId));
    expect(pages[0]).toMatchObject({
      status: PackageStatus.BUILT,
      receivingDeptName: AUTHORITY.name,
      sourceNode: '330000',
      schemaVersion: '1.0',
      recordCount: 1,
      uscc: testUscc(1),
      registrationMessageId: testMessageId(1, 1),
      steps: [],
    });
    expect(pages[0]?.content).toHaveLength(0);
    const none = await centre.ask.listPackages({ receivingDeptCode: OTHER.code });
    expect(none.packages).toEqual([]);
  });

  it('R26 lists by status', async () => {
    const id = await fetched();
    const { packages } = await centre.ask.listPackages({
      receivingDeptCode: DEPT,
      status: PackageStatus.SENT,
    });
    expect(packages.map((one) => one.packageId)).toEqual([id]);
  });

  it('VR29 hands out content that its digest and count prove, of this department only', async () => {
    const { package: listed } = await newPackage();
    const one = await fetch(listed.packageId);
    expect(createHash('sha256').update(one.content).digest('hex')).toBe(listed.sha256);
    expect(fromBinary(PackageContentSchema, one.content)).toEqual(one.package);
    expect(one.package?.registrations).toHaveLength(one.recordCount);
    expect(one.package?.items.map((item) => item.permitItem?.receivingDeptCode)).toEqual([DEPT]);
  });

  it('R43 tells no department who judged the zone, which only the registrar needs', async () => {
    const { package: listed } = await newPackage();
    const [told] = (await fetch(listed.packageId)).package?.registrations ?? [];
    expect(told).toMatchObject({ ftzFlag: true, ftzJudgedBy: '' });
  });

  it('VR29 hands out no package whose stored content was damaged', async () => {
    const { package: listed } = await newPackage();
    await centre
      .knex('packages')
      .where({ package_id: listed.packageId })
      .update({ content: Buffer.from([0x0a, 0x01, 0x41]) });
    await expect(fetch(listed.packageId)).rejects.toThrow('damaged');
    const [row] = await centre.knex('packages').where({ package_id: listed.packageId });
    expect(row).toMatchObject({ status: PackageStatus.BUILT });
    await centre.knex('packages').where({ package_id: listed.packageId }).del();
  });

  it('VR29 lists a damaged package beside the others, and lets it be ended', async () => {
    const { package: damaged } = await newPackage();
    const { package: sound } = await newPackage();
    const content = Buffer.from([0xff, 0xff, 0x41]);
    await centre
      .knex('packages')
      .where({ package_id: damaged.packageId })
      .update({ content, sha256: createHash('sha256').update(content).digest() });
    const logged = vi.spyOn(centre.parts.log, 'error');
    const { packages } = await centre.ask.listPackages({ receivingDeptCode: DEPT, pageSize: 200 });
    expect(packages.slice(-2)).toEqual([
      { ...damaged, schemaVersion: '', sha256: expect.any(String) },
      sound,
    ]);
    expect(logged.mock.calls.map(([facts]) => facts)).toEqual([
      { packageIds: [damaged.packageId] },
    ]);
    logged.mockRestore();
    await expect(fetch(damaged.packageId)).rejects.toThrow(`${damaged.packageId} is damaged`);
    const { package: ended } = await report(damaged.packageId, {
      status: PackageStatus.TERMINATED,
    });
    expect(ended?.status).toBe(PackageStatus.TERMINATED);
  });

  it('R26 lets no other department see a package', async () => {
    const { package: listed } = await newPackage();
    await refusalWith('NOT_FOUND', fetch(listed.packageId, OTHER.code));
    await refusalWith(
      'NOT_FOUND',
      report(listed.packageId, { receivingDeptCode: OTHER.code, status: PackageStatus.TERMINATED }),
    );
    await refusalWith('NOT_FOUND', fetch('330000-0-0'));
  });

  it('fetching sends a package once, and later fetches add no more than one step each state', async () => {
    const id = await fetched();
    const again = await fetch(id);
    expect(again.status).toBe(PackageStatus.SENT);
    expect(again.steps.map((step) => step.status)).toEqual([
      PackageStatus.BUILT,
      PackageStatus.SENT,
    ]);
    await report(id, { status: PackageStatus.RECEIVED });
    await fetch(id);
    const last = await fetch(id);
    expect(last.steps.map((step) => step.status)).toEqual([
      PackageStatus.BUILT,
      PackageStatus.SENT,
      PackageStatus.RECEIVED,
      PackageStatus.RECEIVED,
    ]);
  });

  it('R33 acceptance by the platform delivers a package, and needs its receipt number', async () => {
    const { package: built } = await newPackage();
    const status = PackageStatus.DEEMED_DELIVERED;
    const refusal = await refusalWith('VALIDATION_FAILED', report(built.packageId, { status }));
    expect(refusal.details.findings?.[0]).toMatchObject({
      rule: 'R33',
      field: 'platform_receipt_no',
    });
    const answer = await report(built.packageId, { status, platformReceiptNo: 'GJ-0001' });
    expect(answer.package).toMatchObject({ status, platformReceiptNo: 'GJ-0001', steps: [] });
    const { steps } = await fetch(built.packageId);
    expect(steps.at(1)).toMatchObject({ status, by: '浙江省共享平台' });
  });

  it('R33 F22 what the department does afterwards never reopens the duty', async () => {
    const id = await fetched();
    const statuses = [
      PackageStatus.DEEMED_DELIVERED,
      PackageStatus.RECEIVED,
      PackageStatus.CLAIMED,
    ];
    for (const status of statuses) await report(id, { status, platformReceiptNo: 'GJ-2' });
    const { package: one } = await report(id, {
      status: PackageStatus.RETURNED,
      returnReason: ReturnReason.ADDRESS_NOT_OURS,
      note: '不在本区',
    });
    expect(one).toMatchObject({
      status: PackageStatus.RETURNED,
      returnReason: ReturnReason.ADDRESS_NOT_OURS,
      platformReceiptNo: 'GJ-2',
    });
    const { steps } = await fetch(id);
    expect(steps.find((step) => step.status === PackageStatus.RETURNED)?.note).toBe('不在本区');
  });

  it.each([
    ['received', { status: PackageStatus.RECEIVED }],
    ['claimed', { status: PackageStatus.CLAIMED }],
    [
      'returned',
      { status: PackageStatus.RETURNED, returnReason: ReturnReason.NO_SUCH_ITEM_IN_SCOPE },
    ],
  ] as const)(
    'R33 takes the acceptance by the platform after the department has %s the package',
    async (_, said) => {
      const id = await fetched();
      await report(id, said);
      const delivered = { status: PackageStatus.DEEMED_DELIVERED, platformReceiptNo: 'GJ-5' };
      const { package: one } = await report(id, delivered);
      expect(one).toMatchObject({ ...said, platformReceiptNo: 'GJ-5' });
      expect((await report(id, delivered)).package).toEqual(one);
      await refusalWith('NOT_IN_STATE', report(id, { ...delivered, platformReceiptNo: 'GJ-6' }));
      const { steps } = await fetch(id);
      const accepted = steps.filter((step) => step.status === PackageStatus.DEEMED_DELIVERED);
      expect(accepted).toHaveLength(1);
    },
  );

  it('R31 R33 keeps the number of each platform by which a package leaves, and the first stands', async () => {
    const id = await fetched();
    await centre
      .knex('packages')
      .where({ package_id: id })
      .update({ channels: [1, 2] });
    const status = PackageStatus.DEEMED_DELIVERED;
    const national = { status, by: '国家平台', platformReceiptNo: 'GJ-7' };
    const other = { status, by: '多证合一平台', platformReceiptNo: 'DZ-7', note: '二号通道' };
    await report(id, national);
    await report(id, { status: PackageStatus.CLAIMED });
    const { package: one } = await report(id, other);
    expect(one).toMatchObject({ status: PackageStatus.CLAIMED, platformReceiptNo: 'GJ-7' });
    expect((await report(id, other)).package).toEqual(one);
    expect((await report(id, national)).package).toEqual(one);
    const { steps } = await fetch(id);
    expect(
      steps.flatMap(({ status: at, by, note }) => (at === status ? [[by, note]] : [])),
    ).toEqual([
      ['国家平台', ''],
      ['多证合一平台', '回执号 / receipt DZ-7 · 二号通道'],
    ]);
    // A platform does not contradict itself, and there are no more platforms than ways.
    for (const by of ['国家平台', '多证合一平台', '第三平台'])
      await refusalWith('NOT_IN_STATE', report(id, { status, by, platformReceiptNo: 'XX-7' }));
  });

  it('F22 the same report twice gets the same answer, also when the package has gone on', async () => {
    const id = await fetched();
    const delivered = { status: PackageStatus.DEEMED_DELIVERED, platformReceiptNo: 'GJ-3' };
    const first = await report(id, delivered);
    expect(await report(id, delivered)).toEqual(first);
    await refusalWith('NOT_IN_STATE', report(id, { ...delivered, platformReceiptNo: 'GJ-4' }));
    await report(id, { status: PackageStatus.CLAIMED });
    const late = await report(id, delivered);
    expect(late.package?.status).toBe(PackageStatus.CLAIMED);
    const { steps } = await fetch(id);
    expect(steps.filter((step) => step.status === PackageStatus.DEEMED_DELIVERED)).toHaveLength(1);
  });

  it('F22 refuses steps that are not possible', async () => {
    const { package: built } = await newPackage();
    await refusalWith('NOT_IN_STATE', report(built.packageId, { status: PackageStatus.CLAIMED }));
    await report(built.packageId, { status: PackageStatus.TERMINATED });
    const refusal = await refusalWith(
      'NOT_IN_STATE',
      report(built.packageId, { status: PackageStatus.DEEMED_DELIVERED, platformReceiptNo: 'X' }),
    );
    expect(refusal.details.metadata).toEqual({ status: 'TERMINATED' });
  });

  it('F22 no state is left for the hub’s own ones, and the last ones are never left', () => {
    const all = Object.values(PackageStatus).filter((status) => typeof status === 'number');
    for (const from of all)
      for (const own of [PackageStatus.UNSPECIFIED, PackageStatus.BUILT, PackageStatus.SENT])
        expect(mayBecome(from, own)).toBe(false);
    for (const to of all)
      for (const last of [PackageStatus.REASSIGNED, PackageStatus.TERMINATED])
        expect(mayBecome(last, to)).toBe(false);
  });

  it('tells everything that is missing at once', async () => {
    const refusal = await refusalWith(
      'VALIDATION_FAILED',
      centre.ask.acknowledgePackage({
        status: PackageStatus.REASSIGNED,
        note: '长'.repeat(501),
      }),
    );
    expect(fieldsOf(refusal)).toEqual([
      'package_id',
      'receiving_dept_code',
      'by',
      'note',
      'reassigned_dept_code',
      'reassigned_dept_name',
    ]);
    const own = await refusalWith('VALIDATION_FAILED', report('x', { status: PackageStatus.SENT }));
    expect(fieldsOf(own)).toEqual(['status']);
    const same = report('x', {
      status: PackageStatus.REASSIGNED,
      reassignedDeptCode: DEPT,
      reassignedDeptName: AUTHORITY.name,
    });
    expect(fieldsOf(await refusalWith('VALIDATION_FAILED', same))).toEqual([
      'reassigned_dept_code',
    ]);
    const returned = report('x', { status: PackageStatus.RETURNED });
    expect(fieldsOf(await refusalWith('VALIDATION_FAILED', returned))).toEqual(['return_reason']);
    for (const ask of [centre.ask.listPackages({}), centre.ask.getPackage({ packageId: 'x' })])
      expect(fieldsOf(await refusalWith('VALIDATION_FAILED', ask))).toEqual([
        'receiving_dept_code',
      ]);
  });

  describe('reassigned to another department', () => {
    const reassignment = {
      status: PackageStatus.REASSIGNED,
      reassignedDeptCode: OTHER.code,
      reassignedDeptName: OTHER.name,
    };

    it('F22 R26 builds a package of its own for that department, linked both ways', async () => {
      const id = await fetched();
      const answer = await report(id, { ...reassignment, note: '属地管辖' });
      expect(answer.package?.status).toBe(PackageStatus.REASSIGNED);
      expect(await report(id, reassignment)).toEqual(answer);

      const other = await fetch(answer.reassignedPackageId, OTHER.code);
      expect(other).toMatchObject({
        receivingDeptCode: OTHER.code,
        receivingDeptName: OTHER.name,
        recordCount: 1,
      });
      expect(other.package?.packageId).toBe(answer.reassignedPackageId);
      expect(JSON.stringify(other.package, asText)).not.toContain(`"${DEPT}"`);
      expect(other.steps[0]?.note).toContain(id);
      const { steps } = await fetch(id);
      const step = steps.find((one) => one.status === PackageStatus.REASSIGNED);
      expect(step?.note).toContain('属地管辖');
      expect(step?.note).toContain(answer.reassignedPackageId);
    });

    it('D14 R26 takes its place among the packages of the enterprise only when it is its turn', async () => {
      const { number, package: built } = await newPackage();
      await fetch(built.packageId);
      const { knex } = centre;
      const lastPlace = async (): Promise<number> => {
        const { rows } = await knex.raw<{ rows: { last: number }[] }>(
          `select pg_sequence_last_value(pg_get_serial_sequence('packages', 'seq')::regclass) as last`,
        );
        return Number(rows[0]?.last);
      };
      const before = await lastPlace();
      // As the accept path at the enterprise's next event.
      const other = await heldTransaction(knex);
      await lockNames(other, [testUscc(number)]);
      const reassigned = report(built.packageId, reassignment);
      await eventually(async () => {
        const { rows } = await knex.raw<{ rows: unknown[] }>(
          `select 1 from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and not l.granted
              and a.application_name = 'zhengzhao-hub/' || current_schema()`,
        );
        expect(rows).toHaveLength(1);
      });
      const meanwhile = await lastPlace();
      await other.rollback();
      expect((await reassigned).package?.status).toBe(PackageStatus.REASSIGNED);
      expect([meanwhile, await lastPlace()]).toEqual([before, before + 1]);
    });

    it('R30 tells that department of later events, without calling its item removed', async () => {
      const { number, package: built } = await newPackage();
      await fetch(built.packageId);
      await report(built.packageId, reassignment);
      await centre.register(validChange({}, { number }));
      await centre.register(
        validChange(
          {
            permitItems: [],
            licenseSeparationFlag: false,
            ftzFlag: false,
            ftzName: '',
            ftzAreaName: '',
          },
          { number, envelope: { messageId: testMessageId(20, number), recordVersion: 3n } },
        ),
      );
      const { packages } = await centre.ask.listPackages({ receivingDeptCode: OTHER.code });
      const own = packages.filter((one) => one.uscc === testUscc(number));
      const contents = await Promise.all(
        own.map(async (one) => (await fetch(one.packageId, OTHER.code)).package),
      );
      expect(contents.map((content) => content?.items.map((item) => item.removed))).toEqual([
        [false],
        [false],
        [true],
      ]);
      expect(contents[1]?.registrations[0]?.permitItems).toEqual([
        foodPermitItem({ receivingDeptCode: OTHER.code, receivingDeptName: OTHER.name }),
      ]);
    });

    it('F22 is refused for another department later, and after the package was claimed', async () => {
      const id = await fetched();
      await report(id, reassignment);
      const elsewhere = { ...reassignment, reassignedDeptCode: '330100000M660' };
      await refusalWith('NOT_IN_STATE', report(id, elsewhere));
      const claimed = await fetched();
      await report(claimed, { status: PackageStatus.CLAIMED });
      await refusalWith('NOT_IN_STATE', report(claimed, reassignment));
    });
  });
});

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
