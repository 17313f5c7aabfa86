import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatalogReleaseSchema, SetLevel } from '#gen/zhengzhao/v1/catalog_pb.js';
import { Effect, Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import type { PermitItemRef, RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { testUscc, validCancellation, validChange } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { tickedRegistration, type Ticks } from '../support/ticked.js';

const MARKET = '330000000M660';
const POLICE = '330000000M120';
const EMERGENCY = '330000000M240';
const HARBOURS = '330000000M082';
/** 餐饮服务: a permit of 市场监督管理局. */
const FOOD = 'PA0015';
/** 保安服务: a permit of 公安厅. */
const GUARDS = 'PB0008';
/** 危险化学品 warehouses: one permit of two departments. */
const CHEMICALS = 'PB0017';
/** 会议及展览服务: no permit. */
const MEETINGS = 'PA0001';

let zhejiang: TestNode;
let guangdong: TestNode;
beforeAll(async () => {
  [zhejiang, guangdong] = await Promise.all([
    startTestNode({}),
    startTestNode({ HUB_REGION: '440000' }),
  ]);
});
afterAll(async () => {
  await Promise.all([zhejiang.stop(), guangdong.stop()]);
});

function ticked(number: number, ticks: Ticks): Promise<RegistrationEvent> {
  return tickedRegistration(zhejiang.catalog, ticks, {}, { number });
}

async function findingsOf(registration: RegistrationEvent): Promise<readonly Finding[]> {
  return (await zhejiang.registration.checkRegistration({ registration })).findings;
}

/** Fields that would refuse the registration. */
async function errorsOf(registration: RegistrationEvent): Promise<string[]> {
  const errors = (await findingsOf(registration)).filter((one) => one.severity === Severity.ERROR);
  return errors.map((finding) => finding.field);
}

async function packagesOf(receivingDeptCode: string, number: number) {
  const { packages } = await zhejiang.dataCenter.listPackages({ receivingDeptCode });
  const own = packages.filter((one) => one.uscc === testUscc(number));
  return Promise.all(
    own.map(async ({ packageId }) => {
      const got = await zhejiang.dataCenter.getPackage({ packageId, receivingDeptCode });
      return got.package!;
    }),
  );
}

describe('the mark and the seven fields of the plan', () => {
  it('R21 the mark follows from zone and items: neither without the other', async () => {
    const marked = await ticked(1, { codes: [MEETINGS, FOOD] });
    expect(marked.licenseSeparationFlag).toBe(true);
    expect(await errorsOf(marked)).toEqual([]);
    expect(await errorsOf({ ...marked, permitItems: [] })).toContain('permit_items');
    expect(await errorsOf({ ...marked, licenseSeparationFlag: false })).toEqual([
      'license_separation_flag',
    ]);
    const plain = await ticked(2, { codes: [MEETINGS] });
    expect(plain.licenseSeparationFlag).toBe(false);
    expect(await errorsOf(plain)).toEqual([]);
    const outside = await ticked(3, { codes: [MEETINGS, FOOD], zone: false });
    expect(outside.licenseSeparationFlag).toBe(false);
    expect(await errorsOf(outside)).toEqual([]);
  });

  it.each<[string, string, (event: RegistrationEvent) => RegistrationEvent]>([
    ['自贸区名称', 'ftz_name', (event) => ({ ...event, ftzName: '' })],
    ['自贸区片区名称', 'ftz_area_name', (event) => ({ ...event, ftzAreaName: '' })],
    ['许可事项', 'permit_item_name', (event) => withItems(event, { permitItemName: '' })],
    ['许可事项代码', 'permit_item_code', (event) => withItems(event, { permitItemCode: '' })],
    ['接收部门代码', 'receiving_dept_code', (event) => withItems(event, { receivingDeptCode: '' })],
    ['接收部门', 'receiving_dept_name', (event) => withItems(event, { receivingDeptName: '' })],
    ['经营范围条目代码', 'scope_entry_codes', (event) => ({ ...event, scopeEntryCodes: [] })],
  ])('R22 a marked enterprise must state %s', async (_, field, without) => {
    const event = await ticked(1, { codes: [MEETINGS, FOOD] });
    expect((await errorsOf(without(event))).join()).toContain(field);
  });

  it('R22 the department must be one of the item in this region, under its own name', async () => {
    const event = await ticked(1, { codes: [FOOD] });
    expect(await errorsOf(withItems(event, { receivingDeptCode: POLICE }))).toContain(
      'permit_items[0].receiving_dept_code',
    );
    expect((await errorsOf(withItems(event, { receivingDeptName: '某局' }))).join()).toContain(
      'permit_items[0].receiving_dept_name',
    );
  });
});

/** The same registration with something else about each of its permit items. */
function withItems(event: RegistrationEvent, overrides: Partial<PermitItemRef>): RegistrationEvent {
  return { ...event, permitItems: event.permitItems.map((item) => ({ ...item, ...overrides })) };
}

describe('the scope is ticked', () => {
  it('R24 in a zone only entries of the dictionary make a scope, written text does not', async () => {
    const event = await ticked(1, { codes: [MEETINGS, FOOD] });
    const written = { ...event, opScope: '餐饮；会展', scopeEntryCodes: [] };
    expect((await errorsOf(written)).join()).toContain('scope_entry_codes');
    const invented = { ...event, scopeEntryCodes: [MEETINGS, 'ZZ9999'] };
    expect((await errorsOf(invented)).join()).toContain('scope_entry_codes');
  });

  it('R3 R24 an enterprise of a zone that was registered before the pilot has its scope as text', async () => {
    const event = await ticked(5, { codes: [MEETINGS, FOOD] });
    const unticked = { scopeEntryCodes: [], catalogVersion: '', permitItems: [] };
    const registration = {
      ...event,
      ...unticked,
      ...{ estDate: '2018-06-01', apprDate: '2018-06-01', opFrom: '2018-06-01' },
      licenseSeparationFlag: false,
    };
    const { receipt, warnings } = await zhejiang.registration.submitRegistration({ registration });
    expect(receipt?.effect).toBe(Effect.APPLIED);
    expect(warnings.map((one) => one.code)).toEqual(['UNCODED_SCOPE']);
  });

  it('R8 R24 text that is not that of its entries is taken with a warning', async () => {
    const event = await ticked(1, { codes: [MEETINGS, FOOD] });
    const found = await findingsOf({ ...event, opScope: `${event.opScope}另营夜市。` });
    expect(found).toContainEqual(
      expect.objectContaining({ rule: 'VR30', field: 'op_scope', severity: Severity.WARNING }),
    );
    expect(found.filter((one) => one.severity === Severity.ERROR)).toEqual([]);
  });

  it('R25 items of a province are its own, below the central ones that it can not change', async () => {
    const { items } = await zhejiang.catalog.listPermitItems({
      setLevel: SetLevel.LOCAL,
      pageSize: 10,
    });
    expect(items.map((item) => item.ownerNode)).toContain('330000');
    const local = await ticked(4, { codes: ['P330001'] });
    expect(await errorsOf(local)).toEqual([]);
    await expect(
      guangdong.catalog.getScopeEntry({ scopeEntryCode: 'P330001' }),
    ).rejects.toMatchObject({ reason: 'NOT_FOUND' });

    const held = await zhejiang.catalog.getCatalogVersion({
      layer: '330000',
      includeRelease: true,
    });
    const release = fromBinary(CatalogReleaseSchema, held.release);
    release.version = 'override';
    const [item] = release.items;
    item!.permitItemCode = 'PX-0035';
    const answer = await zhejiang.catalog.publishCatalog({
      source: { case: 'release', value: release },
      dryRun: true,
    });
    expect(answer.published).toBe(false);
    expect(answer.findings).toContainEqual(
      expect.objectContaining({ rule: 'R25', severity: Severity.ERROR }),
    );
  });
});

describe('departments are told', () => {
  it('R26 R32 each by a package of its own, with its own items and no others', async () => {
    const registration = await ticked(10, { codes: [FOOD, GUARDS, CHEMICALS] });
    await zhejiang.registration.submitRegistration({ registration });
    const expected = [
      [MARKET, ['PX-0035']],
      [POLICE, ['PX-0008']],
      [EMERGENCY, ['PX-0017']],
      [HARBOURS, ['PX-0017']],
    ] as const;
    for (const [department, codes] of expected) {
      const [only, ...others] = await packagesOf(department, 10);
      expect(others).toEqual([]);
      expect(only?.package?.items.map((item) => item.permitItem?.permitItemCode)).toEqual(codes);
      const told = only?.package?.registrations[0];
      expect(told?.permitItems.map((item) => item.receivingDeptCode)).toEqual([department]);
    }
  });

  it('R26 R22 says which department of an item would not be told', async () => {
    const event = await ticked(13, { codes: [CHEMICALS] });
    expect(await findingsOf(event)).toEqual([]);
    const permitItems = event.permitItems.filter((item) => item.receivingDeptCode === EMERGENCY);
    const [finding, ...others] = await findingsOf({ ...event, permitItems });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'RECEIVING_DEPT_MISSING', severity: Severity.WARNING });
    for (const message of [finding?.messageZh, finding?.messageEn])
      expect(message).toContain(HARBOURS);
  });

  it('R22 VR10 a district that is newer than the table gets the departments of its province', async () => {
    const place = { domDistrict: '330113', dom: '浙江省杭州市临平区迎宾路1号' };
    const registration = await tickedRegistration(zhejiang.catalog, { codes: [FOOD] }, place, {
      number: 14,
    });
    const { receipt, warnings } = await zhejiang.registration.submitRegistration({ registration });
    expect(receipt?.effect).toBe(Effect.APPLIED);
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'CODE_NOT_LISTED', field: 'dom_district' }),
    );
    expect(await packagesOf(MARKET, 14)).toHaveLength(1);
  });

  it('R30 VR13 VR15 a catalogue that has changed since does not hold up a cancellation', async () => {
    const registration = await ticked(15, { codes: [FOOD] });
    await zhejiang.registration.submitRegistration({ registration });
    const { permitItems, scopeEntryCodes, opScope, catalogVersion } = registration;
    const held = { permitItems, scopeEntryCodes, opScope, catalogVersion };
    const cancelled = { ...validCancellation({}, { number: 15 }), ...held };
    const as = { permitItemName: '餐饮服务许可', receivingDeptName: '浙江省食品药品监督管理局' };
    const before = withItems(cancelled, { ...as, scopeEntryCodes: [FOOD] });
    const { receipt } = await zhejiang.registration.submitRegistration({ registration: before });
    expect(receipt?.effect).toBe(Effect.APPLIED);
    const elsewhere = { receivingDeptCode: POLICE, scopeEntryCodes: [MEETINGS] };
    const wide = { ...cancelled, scopeEntryCodes: [MEETINGS, FOOD] };
    expect(await errorsOf(withItems(wide, elsewhere))).toEqual([]);
  });

  it('R30 D9 a change tells the new, the kept and the dropped department', async () => {
    await zhejiang.registration.submitRegistration({
      registration: await ticked(11, { codes: [FOOD, CHEMICALS] }),
    });
    const after = await ticked(11, { codes: [FOOD, GUARDS] });
    const base = validChange({}, { number: 11 });
    const before = (await ticked(11, { codes: [FOOD, CHEMICALS] })).opScope;
    const change = {
      altItem: '07',
      altItemName: '经营范围',
      altBe: before,
      altAf: after.opScope,
      altDate: base.apprDate,
    };
    const registration = {
      ...after,
      envelope: base.envelope,
      eventType: base.eventType,
      apprDate: base.apprDate,
      changes: [{ $typeName: 'zhengzhao.v1.RegistrationChange' as const, ...change }],
    };
    await zhejiang.registration.submitRegistration({ registration });
    const counts = [MARKET, POLICE, EMERGENCY].map(
      async (department) => (await packagesOf(department, 11)).length,
    );
    expect(await Promise.all(counts)).toEqual([2, 1, 2]);
  });

  it('R33 what the platform took counts as delivered, whatever the department says later', async () => {
    const registration = await ticked(12, { codes: [GUARDS] });
    await zhejiang.registration.submitRegistration({ registration });
    const [built] = await packagesOf(POLICE, 12);
    const own = { packageId: built!.packageId, receivingDeptCode: POLICE, by: '省级平台' };
    const client = createConnectClient(DataCenter, `http://${zhejiang.address}`, { json: true });
    const taken = await client.acknowledgePackage({
      ...own,
      status: PackageStatus.DEEMED_DELIVERED,
      platformReceiptNo: 'PT-2019-0001',
    });
    expect(taken.package).toMatchObject({
      status: PackageStatus.DEEMED_DELIVERED,
      platformReceiptNo: 'PT-2019-0001',
    });
    await client.acknowledgePackage({
      ...own,
      status: PackageStatus.RETURNED,
      returnReason: ReturnReason.ADDRESS_NOT_OURS,
      by: '值班员',
    });
    const [after] = await packagesOf(POLICE, 12);
    const seen = after?.steps.map((step) => step.status);
    expect(seen).toContain(PackageStatus.DEEMED_DELIVERED);
    expect(after?.platformReceiptNo).toBe('PT-2019-0001');
    const open = await zhejiang.dataCenter.listPackages({
      receivingDeptCode: POLICE,
      status: PackageStatus.BUILT,
    });
    expect(open.packages.map((one) => one.uscc)).not.toContain(testUscc(12));
  });
});

describe('the judgement of the registrar', () => {
  it('R43 is kept as it is; a domicile that speaks against it is only a warning', async () => {
    const inside = await ticked(20, { codes: [MEETINGS] });
    const outside = await ticked(21, { codes: [MEETINGS], zone: false });
    const wrong = [
      { ...inside, dom: '中国（上海）自由贸易试验区世博大道1号' },
      { ...outside, dom: '中国（浙江）自由贸易试验区舟山市定海区港口路18号' },
    ];
    for (const registration of wrong) {
      const { warnings, receipt } = await zhejiang.registration.submitRegistration({
        registration,
      });
      expect(receipt?.effect).toBe(Effect.APPLIED);
      expect(warnings).toContainEqual(
        expect.objectContaining({ rule: 'R43', code: 'FTZ_DOMICILE_MISMATCH', field: 'ftz_flag' }),
      );
      const { enterprise } = await zhejiang.registration.getEnterprise({ uscc: registration.uscc });
      expect(enterprise?.registration?.ftzFlag).toBe(registration.ftzFlag);
    }
  });

  it('R43 VR11 what can not be is an error: a zone of another province, an area of another zone', async () => {
    const event = await ticked(22, { codes: [MEETINGS] });
    expect(await errorsOf({ ...event, ftzName: '中国(广东)自由贸易试验区' })).toContain('ftz_name');
    expect(await errorsOf({ ...event, ftzAreaName: '横琴' })).toEqual(['ftz_area_name']);
    expect(await errorsOf({ ...event, ftzFlag: false })).toContain('ftz_name');
  });
});
