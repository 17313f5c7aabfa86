import { LicenceCategory, LicenceEndKind, LicenceState } from '#gen/zhengzhao/v1/record_pb.js';
import type { CatalogLibrary } from '../../../../server/domain/catalog/view.js';
import { testCatalog } from '../../../support/catalog.js';
import { licence, type FindingCase } from './finding-case.js';

const NO_CATALOGUE: CatalogLibrary = { on: () => undefined, has: () => false };
const official = { catalog: testCatalog({ official: true }) };

const ended = { licState: LicenceState.INVALID, endKind: LicenceEndKind.OTHER } as const;
const changed = { altItem: '许可范围', altBe: '冷食', altAf: '热食' } as const;
const before = { decisionDate: '2019-11-29', valFrom: '2019-11-29' } as const;

/** Licences. */
export const LICENCE_CASES: readonly FindingCase[] = [
  {
    title: 'VR22 an unknown item under a provisional catalogue',
    code: 'ITEM_NOT_IN_CATALOGUE',
    field: 'licence.permit_item_code',
    bad: () => licence({ permitItemCode: 'XK-2019-1' }),
    good: () => licence(),
  },
  {
    title: 'VR22 an unknown item under an official catalogue',
    code: 'PERMIT_ITEM_UNKNOWN',
    field: 'licence.permit_item_code',
    bad: () => licence({ permitItemCode: 'XK-2019-1' }, {}, official),
    good: () => licence({}, {}, official),
  },
  {
    title: 'VR22 an item where no catalogue is held',
    code: 'ITEM_NOT_JUDGED',
    field: 'licence.permit_item_code',
    bad: () => licence({}, {}, { catalog: NO_CATALOGUE }),
    good: () => licence(before),
  },
  {
    title: 'VR22 an item under another name',
    code: 'PERMIT_ITEM_NAME_MISMATCH',
    field: 'licence.permit_item_name',
    bad: () => licence({ permitItemName: '食品生产许可' }),
    good: () => licence({ permitItemName: '食品经营许可（除仅销售预包装食品外）' }),
  },
  {
    title: 'VR22 a filing item sent as a licence',
    code: 'FILING_SENT_AS_LICENCE',
    field: 'licence.permit_item_code',
    bad: () =>
      licence({ permitItemCode: 'PX-0041', permitItemName: '食品经营许可(仅销售预包装食品)' }),
    good: () => licence(),
  },
  {
    title: 'VR22 a commitment for an item that is not of mode 3',
    code: 'COMMITMENT_FLAG_MODE',
    field: 'licence.commitment_flag',
    bad: () => licence({ commitmentFlag: true }),
    good: () =>
      licence({
        commitmentFlag: true,
        permitItemCode: 'PX-0049',
        permitItemName: '食品生产许可(低风险食品)',
      }),
  },
  {
    title: 'VR6 a placeholder as the number of the decision',
    code: 'NUMBER_PLACEHOLDER',
    field: 'licence.lic_doc_no',
    bad: () => licence({ licDocNo: '（无）' }),
    good: () => licence({ licDocNo: '浙〔2019〕1号' }),
  },
  {
    title: 'R51 a category 其他 that is not written out',
    code: 'REQUIRED',
    field: 'licence.lic_category_note',
    bad: () => licence({ licCategory: LicenceCategory.OTHER }),
    good: () => licence({ licCategory: LicenceCategory.OTHER, licCategoryNote: '其他许可' }),
  },
  {
    title: 'VR10 a licence category outside the enum',
    code: 'CODE_UNKNOWN',
    field: 'licence.lic_category',
    bad: () => licence({ licCategory: 99 as LicenceCategory }),
    good: () => licence({ licCategory: LicenceCategory.FRANCHISE }),
  },
  {
    title: 'R51 a certificate without its number',
    code: 'REQUIRED',
    field: 'licence.lic_no',
    bad: () => licence({ licNo: '' }),
    good: () => licence({ licNo: '', licName: '' }),
  },
  {
    title: 'VR8 a licence without an end that is not long-term',
    code: 'REQUIRED',
    field: 'licence.val_to',
    bad: () => licence({ valTo: '' }),
    good: () => licence({ valTo: '', longTerm: true }),
  },
  {
    title: 'VR8 VR9 a default for "no date" is no end of the validity',
    code: 'REQUIRED',
    field: 'licence.val_to',
    bad: () => licence({ valTo: '1900-01-01' }),
    good: () => licence({ valTo: '2099-12-31' }),
  },
  {
    title: 'VR8 VR9 a default for "no date" is no day of an end',
    code: 'REQUIRED',
    field: 'licence.end_date',
    bad: () => licence({ ...ended, endDate: '1900-01-01' }),
    good: () => licence({ ...ended, endDate: '2019-12-19' }),
  },
  {
    title: 'VR8 VR9 an end of the world is no day of an end',
    code: 'REQUIRED',
    field: 'licence.end_date',
    bad: () => licence({ ...ended, endDate: '2099-12-31' }),
    good: () => licence({ endDate: '' }),
  },
  {
    title: 'VR8 a change of tomorrow',
    code: 'DATE_IN_FUTURE',
    field: 'licence.changes[0].alt_date',
    bad: () => licence({ changes: [{ ...changed, altDate: '2019-12-21' }] }),
    good: () => licence({ changes: [{ ...changed, altDate: '2019-12-20' }] }),
  },
  {
    title: 'VR8 a licence valid before its decision',
    code: 'VALID_BEFORE_DECISION',
    field: 'licence.val_from',
    bad: () => licence({ valFrom: '2019-12-17' }),
    good: () => licence({ valFrom: '2019-12-19' }),
  },
  {
    title: 'VR8 a validity that ends before it begins',
    code: 'VALIDITY_ORDER',
    field: 'licence.val_to',
    bad: () => licence({ valFrom: '2020-01-02', valTo: '2020-01-01' }),
    good: () => licence({ valFrom: '2020-01-01', valTo: '2020-01-01' }),
  },
  {
    title: 'VR8 a validity that ends before the decision',
    code: 'EXPIRED_BEFORE_DECISION',
    field: 'licence.val_to',
    bad: () => licence({ valFrom: '2019-12-16', valTo: '2019-12-17' }),
    good: () => licence({ valTo: '2019-12-18' }),
  },
  {
    title: 'R51 an invalid licence without the kind of its end',
    code: 'END_KIND_REQUIRED',
    field: 'licence.end_kind',
    bad: () => licence({ licState: LicenceState.INVALID }),
    good: () =>
      licence({
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.REVOKED,
        endDate: '2019-12-19',
      }),
  },
  {
    title: 'R51 a valid licence with an end',
    code: 'END_KIND_WHILE_VALID',
    field: 'licence.end_kind',
    bad: () => licence({ endKind: LicenceEndKind.REVOKED, endDate: '2019-12-19' }),
    good: () => licence(),
  },
  {
    title: 'VR8 a licence that ended before its decision',
    code: 'ENDED_BEFORE_DECISION',
    field: 'licence.end_date',
    bad: () =>
      licence({
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.CANCELLED,
        endDate: '2019-12-17',
      }),
    good: () =>
      licence({
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.CANCELLED,
        endDate: '2019-12-18',
      }),
  },
  {
    title: 'VR31 a decision that is sent on the eighth working day',
    code: 'LATE',
    field: 'licence.decision_date',
    bad: () => licence({ decisionDate: '2019-12-10' }),
    good: () => licence({ decisionDate: '2019-12-11' }),
  },
  {
    title: 'VR31 a later version is not late',
    code: 'LATE',
    field: 'licence.decision_date',
    bad: () => licence({ decisionDate: '2019-12-02' }),
    good: () => licence({ decisionDate: '2019-12-02' }, { envelope: { recordVersion: 2n } }),
  },
];
