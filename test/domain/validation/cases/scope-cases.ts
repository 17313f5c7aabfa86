import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { foodPermitItem } from '../../../support/builders.js';
import { testCatalog, testItem } from '../../../support/catalog.js';
import { cancellation, registration, type FindingCase } from './finding-case.js';

/** As a registration of before the pilot states its scope. */
const uncoded = { estDate: '2018-06-01', scopeEntryCodes: [], catalogVersion: '' };
const unmarked = { permitItems: [], licenseSeparationFlag: false };
const outsideZone = {
  ftzFlag: false,
  ftzName: '',
  ftzAreaName: '',
  dom: '浙江省舟山市定海区港口路18号',
} as const;

const item = (overrides: Parameters<typeof foodPermitItem>[0]) =>
  registration({ permitItems: [foodPermitItem(overrides)] });

const foreignItem = testItem({
  permitItemCode: 'PX-44-0001',
  name: '广东地方事项',
  ownerNode: '440000',
  scopeEntryCodes: ['PA0015'],
});
/** An item of two departments, of which a registration names the first. */
const sharedItem = testItem({
  permitItemCode: 'PX-9002',
  name: '两个部门的事项',
  scopeEntryCodes: ['PA0015'],
  licensingAuthorities: [
    ...foreignItem.licensingAuthorities,
    {
      ...foreignItem.licensingAuthorities[0]!,
      orgCode: '330000000M082',
      orgName: '浙江省交通运输厅',
    },
  ],
});
const homelessItem = testItem({
  permitItemCode: 'PX-9001',
  name: '无接收部门的事项',
  scopeEntryCodes: ['PA0015'],
  licensingAuthorities: [],
});
/** With one more central item on the entry PA0015. */
const withItem = (added: typeof foreignItem) =>
  registration(
    {
      permitItems: [
        foodPermitItem(),
        foodPermitItem({ permitItemCode: added.permitItemCode, permitItemName: added.name }),
      ],
    },
    {},
    { catalog: testCatalog({ items: [added] }) },
  );

/** Cases about the mark of the enterprise. */
const MARK_CASES: readonly FindingCase[] = [
  {
    title: 'R21 a mark outside the zones while the pilot is not extended',
    code: 'FLAG_OUTSIDE_ZONE',
    field: 'license_separation_flag',
    bad: () => registration({ ...outsideZone }),
    good: () => registration({ ...outsideZone, ...unmarked }),
  },
  {
    title: 'R21 a mark outside the zones where the province extends the pilot',
    code: 'FLAG_OUTSIDE_ZONE',
    field: 'license_separation_flag',
    bad: () => registration({ ...outsideZone }, {}, { pilotEverywhere: false }),
    good: () => registration({ ...outsideZone }, {}, { pilotEverywhere: true }),
  },
  {
    title: 'R21 a mark of before does not hold up a cancellation',
    code: 'FLAG_OUTSIDE_ZONE',
    field: 'license_separation_flag',
    bad: () => registration({ ...outsideZone }),
    good: () => cancellation({ ...outsideZone }),
  },
];

/** Cases about the business scope. */
const ENTRY_CASES: readonly FindingCase[] = [
  {
    title: 'R24 free text only in a free trade zone',
    code: 'SCOPE_NOT_CODED',
    field: 'scope_entry_codes',
    bad: () => registration({ ...unmarked, scopeEntryCodes: [] }),
    good: () => registration(),
  },
  {
    title: 'R1 uncoded scope outside a zone is only a warning',
    code: 'UNCODED_SCOPE',
    field: 'scope_entry_codes',
    bad: () => registration({ ...unmarked, ...outsideZone, scopeEntryCodes: [] }),
    good: () => registration({ ...outsideZone }),
  },
  {
    title: 'R24 VR10 an entry that no catalogue holds',
    code: 'SCOPE_ENTRY_UNKNOWN',
    field: 'scope_entry_codes[2]',
    bad: () => registration({ scopeEntryCodes: ['PA0001', 'PA0015', 'PA9999'] }),
    good: () => registration({ scopeEntryCodes: ['PA0001', 'PA0015', 'PA0002'] }),
  },
  {
    title: 'VR10 what can never have been an entry stops a cancellation',
    code: 'CODE_FORMAT',
    field: 'scope_entry_codes[2]',
    bad: () => cancellation({ scopeEntryCodes: ['PA0001', 'PA0015', 'P\u0000'] }),
    good: () => cancellation({ scopeEntryCodes: ['PA0001', 'PA0015', 'PA99999999'] }),
  },
  {
    title: 'VR10 an entry out of force does not stop a cancellation',
    code: 'SCOPE_ENTRY_NOT_IN_FORCE',
    field: 'scope_entry_codes[2]',
    bad: () => cancellation({ scopeEntryCodes: ['PA0001', 'PA0015', 'PA9999'] }),
    good: () => cancellation(),
  },
  {
    title: 'VR10 an entry twice',
    code: 'SCOPE_ENTRY_DUPLICATE',
    field: 'scope_entry_codes[2]',
    bad: () => registration({ scopeEntryCodes: ['PA0001', 'PA0015', 'PA0001'] }),
    good: () => registration(),
  },
  {
    title: 'R22 R51 more than 200 entries',
    code: 'TOO_MANY',
    field: 'scope_entry_codes',
    bad: () => registration({ scopeEntryCodes: Array.from({ length: 201 }, () => 'PA0001') }),
    good: () => registration({ scopeEntryCodes: Array.from({ length: 200 }, () => 'PA0001') }),
  },
  {
    title: 'R23 entries without a catalogue version',
    code: 'REQUIRED',
    field: 'catalog_version',
    bad: () => registration({ catalogVersion: '' }),
    good: () => registration(),
  },
  {
    title: 'R23 VR10 a catalogue version that is not held',
    code: 'CATALOGUE_VERSION_UNKNOWN',
    field: 'catalog_version',
    bad: () => registration({ catalogVersion: '2031.01' }),
    good: () => registration(),
  },
  {
    title: 'R23 a held version that is not in force on the approval date',
    code: 'CATALOGUE_VERSION_OTHER',
    field: 'catalog_version',
    bad: () =>
      registration({ catalogVersion: '2019.06' }, {}, { catalog: catalogueThatHolds('2019.06') }),
    good: () => registration({}, {}, { catalog: catalogueThatHolds('2019.06') }),
  },
  {
    title: 'R23 an approval from before the first catalogue',
    code: 'NO_CATALOGUE_IN_FORCE',
    field: 'appr_date',
    bad: () => registration({ estDate: '2019-11-30', apprDate: '2019-11-30' }),
    good: () => registration({ estDate: '2019-11-30', apprDate: '2019-12-01' }),
  },
  {
    title: 'R3 R24 before the first catalogue the scope of a zone enterprise is text',
    code: 'SCOPE_NOT_CODED',
    field: 'scope_entry_codes',
    bad: () => registration({ ...unmarked, ...uncoded, apprDate: '2019-12-16' }),
    good: () => registration({ ...unmarked, ...uncoded, apprDate: '2018-06-01' }),
  },
  {
    title: 'R1 R3 which is said as a warning',
    code: 'UNCODED_SCOPE',
    field: 'scope_entry_codes',
    bad: () => registration({ ...unmarked, ...uncoded, apprDate: '2018-06-01' }),
    good: () => registration({ ...unmarked, ...uncoded, apprDate: '2019-12-16' }),
  },
  {
    title: 'VR30 a scope text with an expression too many',
    code: 'SCOPE_TEXT_MISMATCH',
    field: 'op_scope',
    bad: () => registration({ opScope: '会议及展览服务；餐饮服务；住宿服务' }),
    good: () => registration({ opScope: '餐饮服务;会议及展览服务' }),
  },
];

function catalogueThatHolds(version: string): ReturnType<typeof testCatalog> {
  const catalog = testCatalog();
  return { ...catalog, has: (asked) => asked === version || catalog.has(asked) };
}

/** Cases about the permit items. */
const ITEM_CASES: readonly FindingCase[] = [
  {
    title: 'VR12 R21 the mark without an item',
    code: 'FLAG_WITHOUT_ITEMS',
    field: 'permit_items',
    bad: () =>
      registration({ permitItems: [], scopeEntryCodes: ['PA0001'], opScope: '会议及展览服务' }),
    good: () => registration(),
  },
  {
    title: 'VR12 R21 items without the mark',
    code: 'ITEMS_WITHOUT_FLAG',
    field: 'license_separation_flag',
    bad: () => registration({ licenseSeparationFlag: false }),
    good: () => registration(),
  },
  {
    title: 'VR13 an item that no catalogue holds',
    code: 'PERMIT_ITEM_UNKNOWN',
    field: 'permit_items[0].permit_item_code',
    bad: () => item({ permitItemCode: 'PX-7777' }),
    good: () => item({}),
  },
  {
    title: 'VR13 an item out of force does not stop a cancellation',
    code: 'PERMIT_ITEM_NOT_IN_FORCE',
    field: 'permit_items[0].permit_item_code',
    bad: () => cancellation({ permitItems: [foodPermitItem({ permitItemCode: 'PX-7777' })] }),
    good: () => cancellation(),
  },
  {
    title: 'VR13 R22 an item under another name',
    code: 'PERMIT_ITEM_NAME_MISMATCH',
    field: 'permit_items[0].permit_item_name',
    bad: () => item({ permitItemName: '食品生产许可' }),
    good: () => item({ permitItemName: '食品经营许可（除仅销售预包装食品外）' }),
  },
  {
    title: 'VR13 R25 a local item of another province',
    code: 'PERMIT_ITEM_OTHER_LAYER',
    field: 'permit_items[1].permit_item_code',
    bad: () => withItem(foreignItem),
    good: () => withItem({ ...foreignItem, ownerNode: '330000' }),
  },
  {
    title: 'VR13 the same item and department twice',
    code: 'PERMIT_ITEM_DUPLICATE',
    field: 'permit_items[1]',
    bad: () => registration({ permitItems: [foodPermitItem(), foodPermitItem()] }),
    good: () => registration(),
  },
  {
    title: 'VR13 an item listed with an entry the enterprise did not choose',
    code: 'ITEM_SCOPE_NOT_OF_EVENT',
    field: 'permit_items[0].scope_entry_codes[1]',
    bad: () => item({ scopeEntryCodes: ['PA0015', 'PA0196'] }),
    good: () => item({ scopeEntryCodes: ['PA0015'] }),
  },
  {
    title: 'VR13 an item without entries',
    code: 'REQUIRED',
    field: 'permit_items[0].scope_entry_codes',
    bad: () => item({ scopeEntryCodes: [] }),
    good: () => item({}),
  },
  {
    title: 'VR13 an item to which no listed entry maps',
    code: 'ITEM_NOT_MAPPED',
    field: 'permit_items[0].scope_entry_codes',
    bad: () => item({ scopeEntryCodes: ['PA0001'] }),
    good: () => item({}),
  },
  {
    title: 'VR13 an entry beside the one that maps',
    code: 'SCOPE_ENTRY_NOT_OF_ITEM',
    field: 'permit_items[0].scope_entry_codes[1]',
    bad: () => item({ scopeEntryCodes: ['PA0015', 'PA0001'] }),
    good: () => item({ scopeEntryCodes: ['PA0015'] }),
  },
  {
    title: 'VR14 a central item that a chosen entry implies is missing',
    code: 'PERMIT_ITEM_MISSING',
    field: 'permit_items',
    bad: () => registration({ scopeEntryCodes: ['PA0001', 'PA0015', 'PB0036'] }),
    good: () => registration(),
  },
  {
    title: 'VR14 R9 a cancelled item is implied like any other',
    code: 'PERMIT_ITEM_MISSING',
    field: 'permit_items',
    bad: () => registration({ scopeEntryCodes: ['PA0015', 'PB0034'] }),
    good: () => registration({ ...outsideZone, ...unmarked, scopeEntryCodes: ['PB0034'] }),
  },
  {
    title: 'VR14 a second department of an item is missing',
    code: 'RECEIVING_DEPT_MISSING',
    field: 'permit_items',
    bad: () => withItem(sharedItem),
    good: () => withItem({ ...foreignItem, ownerNode: '330000' }),
  },
  {
    title: 'VR14 a missing local item is a warning',
    code: 'PERMIT_ITEM_MISSING_LOCAL',
    field: 'permit_items',
    bad: () => registration({ scopeEntryCodes: ['PA0001', 'PA0015', 'P330001'] }),
    good: () => registration(),
  },
  {
    title: 'VR14 an item missing in a cancellation is a warning',
    code: 'PERMIT_ITEM_MISSING_AT_CANCELLATION',
    field: 'permit_items',
    bad: () => cancellation({ scopeEntryCodes: ['PA0001', 'PA0015', 'PB0036'] }),
    good: () => cancellation(),
  },
  {
    title: 'VR13 an item that the catalogue calls otherwise now does not stop a cancellation',
    code: 'PERMIT_ITEM_NAME_AT_CANCELLATION',
    field: 'permit_items[0].permit_item_name',
    bad: () => cancellation({ permitItems: [foodPermitItem({ permitItemName: '餐饮服务许可' })] }),
    good: () => cancellation(),
  },
  {
    title: 'VR13 an item that has lost its entries does not stop a cancellation',
    code: 'ITEM_NOT_MAPPED_AT_CANCELLATION',
    field: 'permit_items[0].scope_entry_codes',
    bad: () => cancellation({ permitItems: [foodPermitItem({ scopeEntryCodes: ['PA0001'] })] }),
    good: () => cancellation(),
  },
  {
    title: 'VR15 a department that has lost its item does not stop a cancellation',
    code: 'RECEIVING_DEPT_AT_CANCELLATION',
    field: 'permit_items[0].receiving_dept_code',
    bad: () =>
      cancellation({ permitItems: [foodPermitItem({ receivingDeptCode: '330000000M120' })] }),
    good: () => cancellation(),
  },
  {
    title: 'VR15 a department of another name now does not stop a cancellation',
    code: 'RECEIVING_DEPT_NAME_AT_CANCELLATION',
    field: 'permit_items[0].receiving_dept_name',
    bad: () =>
      cancellation({ permitItems: [foodPermitItem({ receivingDeptName: '浙江省工商局' })] }),
    good: () => cancellation(),
  },
  {
    title: 'VR15 a department that is not one of the item',
    code: 'RECEIVING_DEPT_UNKNOWN',
    field: 'permit_items[0].receiving_dept_code',
    bad: () => item({ receivingDeptCode: '330000000M120' }),
    good: () => item({}),
  },
  {
    title: 'VR15 a department under another name',
    code: 'RECEIVING_DEPT_NAME_MISMATCH',
    field: 'permit_items[0].receiving_dept_name',
    bad: () => item({ receivingDeptName: '浙江省公安厅' }),
    good: () => item({}),
  },
  {
    title: 'VR15 an item without a department in the region cannot be checked',
    code: 'RECEIVING_DEPT_UNVERIFIED',
    field: 'permit_items[1].receiving_dept_code',
    bad: () => withItem(homelessItem),
    good: () =>
      withItem(
        testItem({
          ...homelessItem,
          licensingAuthorities: foreignItem.licensingAuthorities,
          reformMode: ReformMode.OPTIMISED,
        }),
      ),
  },
];

export const SCOPE_CASES: readonly FindingCase[] = [...MARK_CASES, ...ENTRY_CASES, ...ITEM_CASES];
