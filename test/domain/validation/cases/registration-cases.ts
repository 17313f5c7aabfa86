import { EventType } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { validChange } from '../../../support/builders.js';
import { cancellation, change, registration, type FindingCase } from './finding-case.js';

const line = {
  altItem: '99',
  altBe: '甲',
  altAf: '乙',
  altDate: '2019-12-18',
} as const;

/** Cases about the fields and dates of the event. */
const EVENT_CASES: readonly FindingCase[] = [
  {
    title: 'R51 a registration without its entity id',
    code: 'REQUIRED',
    field: 'pripid',
    bad: () => registration({ pripid: '' }),
    good: () => registration(),
  },
  {
    title: 'R51 a name of 201 characters; rare characters count once',
    code: 'TOO_LONG',
    field: 'ent_name',
    bad: () => registration({ entName: '𠮷'.repeat(201) }),
    good: () => registration({ entName: '𠮷'.repeat(200) }),
  },
  {
    title: 'R51 a name that shows nothing',
    code: 'REQUIRED',
    field: 'ent_name',
    bad: () => registration({ entName: '\u200B\u00AD\u2800\u3164' }),
    good: () => registration({ entName: '千岛\u200B有限公司' }),
  },
  {
    title: 'R51 a zone code of nine characters',
    code: 'TOO_LONG',
    field: 'ftz_code',
    bad: () => registration({ ftzCode: 'FTZ-33-01' }),
    good: () => registration({ ftzCode: 'FTZ-33' }),
  },
  {
    title: 'VR27 a control character in a zone area code',
    code: 'TEXT_CONTROL_CHARACTER',
    field: 'ftz_area_code',
    bad: () => registration({ ftzAreaCode: 'FTZ\u0000' }),
    good: () => registration({ ftzAreaCode: 'FTZ-33-01' }),
  },
  {
    title: 'VR10 a catalogue version of another form, also without entries',
    code: 'CODE_FORMAT',
    field: 'catalog_version',
    bad: () => registration({ scopeEntryCodes: [], catalogVersion: '2019<b>' }),
    good: () => registration({ scopeEntryCodes: [], catalogVersion: '2019.12' }),
  },
  {
    title: 'R51 more than 100 changes',
    code: 'TOO_MANY',
    field: 'changes',
    bad: () =>
      change({ changes: Array.from({ length: 101 }, (_, i) => ({ ...line, altAf: `${i}` })) }),
    good: () =>
      change({ changes: Array.from({ length: 100 }, (_, i) => ({ ...line, altAf: `${i}` })) }),
  },
  {
    title: 'VR10 an event type outside the enum',
    code: 'CODE_UNKNOWN',
    field: 'event_type',
    bad: () => registration({ eventType: 7 as EventType }),
    good: () => registration({ eventType: EventType.ESTABLISH }),
  },
  {
    title: 'VR10 a kind of enterprise of the wrong form',
    code: 'CODE_FORMAT',
    field: 'ent_type',
    bad: () => registration({ entType: '113' }),
    good: () => registration({ entType: '1130' }),
  },
  {
    title: 'VR10 an unknown kind of enterprise',
    code: 'CODE_UNKNOWN',
    field: 'ent_type',
    bad: () => registration({ entType: '0001' }),
    good: () => registration({ entType: '1190' }),
  },
  {
    title: 'VR10 a type that is not in the code book but was seen in public data',
    code: 'CODE_UNKNOWN',
    field: 'ent_type',
    bad: () => registration({ entType: '9551' }),
    good: () => registration({ entType: '9550', regCapFen: undefined }),
  },
  {
    title: 'VR10 an unknown currency',
    code: 'CODE_UNKNOWN',
    field: 'reg_cap_cur',
    bad: () => registration({ regCapCur: '157' }),
    good: () => registration({ regCapCur: '840' }),
  },
  {
    title: 'R51 a negative capital',
    code: 'NEGATIVE_AMOUNT',
    field: 'reg_cap_fen',
    bad: () => registration({ regCapFen: -1n }),
    good: () => registration({ regCapFen: 0n }),
  },
  {
    title: 'R51 a company without capital',
    code: 'REG_CAP_MISSING',
    field: 'reg_cap_fen',
    bad: () => registration({ regCapFen: undefined }),
    good: () => registration({ regCapFen: undefined, entType: '9500' }),
  },
  {
    title: 'VR8 30 February',
    code: 'DATE_FORMAT',
    field: 'est_date',
    bad: () => registration({ estDate: '2019-02-30' }),
    good: () => registration({ estDate: '2019-02-28' }),
  },
  {
    title: 'VR8 an approval of tomorrow',
    code: 'DATE_IN_FUTURE',
    field: 'appr_date',
    bad: () => registration({ apprDate: '2019-12-21' }),
    good: () => registration({ apprDate: '2019-12-20' }),
  },
  {
    title: 'VR9 a default value as the establishment date',
    code: 'DATE_PLACEHOLDER',
    field: 'est_date',
    bad: () => registration({ estDate: '1900-01-01' }),
    good: () => registration({ estDate: '1900-01-02' }),
  },
  {
    title: 'VR9 a default value as an optional date',
    code: 'DATE_PLACEHOLDER_IGNORED',
    field: 'op_from',
    bad: () => registration({ opFrom: '1899-12-31' }),
    good: () => registration({ opFrom: '' }),
  },
  {
    title: 'VR9 D12 2099-12-31 as the end of the term',
    code: 'LONG_TERM_SENTINEL',
    field: 'op_to',
    bad: () => registration({ opTo: '2099-12-31', opLongTerm: false }),
    good: () => registration({ opTo: '2039-12-15', opLongTerm: false }),
  },
  {
    title: 'VR9 a term that is long and ends',
    code: 'LONG_TERM_WITH_END',
    field: 'op_long_term',
    bad: () => registration({ opTo: '2039-12-15', opLongTerm: true }),
    good: () => registration({ opTo: '', opLongTerm: true }),
  },
  {
    title: 'VR8 approved before it was established',
    code: 'APPROVED_BEFORE_ESTABLISHED',
    field: 'appr_date',
    bad: () => registration({ estDate: '2019-12-17', apprDate: '2019-12-16' }),
    good: () => registration({ estDate: '2019-12-16', apprDate: '2019-12-16' }),
  },
  {
    title: 'VR8 a term that ends before it begins',
    code: 'TERM_ORDER',
    field: 'op_to',
    bad: () => registration({ opTo: '2019-12-15', opLongTerm: false }),
    good: () => registration({ opTo: '2019-12-16', opLongTerm: false }),
  },
  {
    title: 'VR7 an authority of no node',
    code: 'REG_ORG_UNKNOWN',
    field: 'reg_org',
    bad: () => registration({ regOrg: '990000' }),
    good: () => registration({ regOrg: '330000' }),
  },
  {
    title: 'VR7 an authority of another node',
    code: 'REG_ORG_OTHER_NODE',
    field: 'reg_org',
    bad: () => registration({ regOrg: '440300' }),
    good: () => registration({ regOrg: '330900' }),
  },
  {
    title: 'D4 VR7 registered by 总局 with a domicile in another province',
    code: 'NATIONAL_REGISTRATION_ELSEWHERE',
    field: 'reg_org',
    bad: () => registration({ regOrg: '100000', domDistrict: '440303' }),
    good: () => registration({ regOrg: '100000', domDistrict: '330902' }),
  },
  {
    title: 'VR7 a domicile outside the province',
    code: 'DOMICILE_OUTSIDE_PROVINCE',
    field: 'dom_district',
    bad: () => registration({ domDistrict: '440303' }),
    good: () => registration({ domDistrict: '330903' }),
  },
  {
    title: 'VR10 a district of no province',
    code: 'CODE_UNKNOWN',
    field: 'dom_district',
    bad: () => registration({ domDistrict: '990113' }),
    good: () => registration({ domDistrict: '330113' }),
  },
  {
    title: 'VR10 a district that is newer than the table of districts',
    code: 'CODE_NOT_LISTED',
    field: 'dom_district',
    bad: () => registration({ domDistrict: '330113' }),
    good: () => registration({ domDistrict: '330921' }),
  },
  {
    title: 'VR7 a domicile in a new district of another province',
    code: 'DOMICILE_OUTSIDE_PROVINCE',
    field: 'dom_district',
    bad: () => registration({ domDistrict: '320684' }),
    good: () => registration({ domDistrict: '330113' }),
  },
  {
    title: 'VR10 an industry outside its section',
    code: 'INDUSTRY_SECTION_MISMATCH',
    field: 'industry_co',
    bad: () => registration({ industryPhy: 'F' }),
    good: () => registration({ industryPhy: 'H' }),
  },
  {
    title: 'VR18 an establishment in cancelled state',
    code: 'REG_STATE_INCONSISTENT',
    field: 'reg_state',
    bad: () => registration({ regState: '4' }),
    good: () => registration({ regState: '1' }),
  },
  {
    title: 'VR18 a cancellation that leaves the enterprise in existence',
    code: 'REG_STATE_INCONSISTENT',
    field: 'reg_state',
    bad: () => cancellation({ regState: '1' }),
    good: () => cancellation({ regState: '3' }),
  },
  {
    title: 'VR18 R30 a change into the cancelled state',
    code: 'CHANGE_IN_CANCELLED_STATE',
    field: 'reg_state',
    bad: () => change({ regState: '4' }),
    good: () => change({ regState: '2' }),
  },
  {
    title: 'VR18 a cancellation without its block',
    code: 'CANCEL_REQUIRED',
    field: 'cancel',
    bad: () => registration({ eventType: EventType.CANCEL, regState: '4' }),
    good: () => cancellation(),
  },
  {
    title: 'VR18 a cancellation block in an establishment',
    code: 'CANCEL_NOT_EXPECTED',
    field: 'cancel',
    bad: () => registration({ cancel: { cancelDate: '2019-12-19' } }),
    good: () => registration(),
  },
  {
    title: 'VR8 cancelled before it was established',
    code: 'CANCELLED_BEFORE_ESTABLISHED',
    field: 'cancel.cancel_date',
    bad: () =>
      cancellation({
        cancel: { cancelDate: '2019-12-15', cancelKind: 1, cancelReason: '决议解散' },
      }),
    good: () => cancellation(),
  },
  {
    title: 'R51 a postal code of five digits',
    code: 'CODE_FORMAT',
    field: 'postal_code',
    bad: () => registration({ postalCode: '31600' }),
    good: () => registration({ postalCode: '316000' }),
  },
];

/** Cases about the list of changes. */
const CHANGE_CASES: readonly FindingCase[] = [
  {
    title: 'VR19 a change event without a change',
    code: 'CHANGES_REQUIRED',
    field: 'changes',
    bad: () => change({ changes: [] }),
    good: () => change(),
  },
  {
    title: 'VR19 changes in an establishment',
    code: 'CHANGES_NOT_EXPECTED',
    field: 'changes',
    bad: () => registration({ changes: validChange().changes }),
    good: () => registration(),
  },
  {
    title: 'VR10 a change item of one digit',
    code: 'ALT_ITEM_NOT_PADDED',
    field: 'changes[0].alt_item',
    bad: () => change({ changes: [{ ...line, altItem: '8' }] }),
    good: () => change({ changes: [{ ...line, altItem: '08' }] }),
  },
  {
    title: 'VR10 a change item that the provisional list lacks',
    code: 'CODE_NOT_LISTED',
    field: 'changes[0].alt_item',
    bad: () => change({ changes: [{ ...line, altItem: '77' }] }),
    good: () => change({ changes: [{ ...line, altItem: '69' }] }),
  },
  {
    title: 'VR19 a change that changes nothing',
    code: 'CHANGE_WITHOUT_DIFFERENCE',
    field: 'changes[0].alt_af',
    bad: () => change({ changes: [{ ...line, altAf: '甲' }] }),
    good: () => change({ changes: [{ ...line, altBe: '' }] }),
  },
  {
    title: 'VR19 a new name that the event does not have',
    code: 'CHANGE_AFTER_MISMATCH',
    field: 'changes[0].alt_af',
    bad: () => change({ changes: [{ ...line, altItem: '01', altAf: '舟山他人有限公司' }] }),
    good: () =>
      change({
        entName: '舟山市千岛(更名)有限公司',
        changes: [{ ...line, altItem: '1', altAf: '舟山市千岛（更名）有限公司' }],
      }),
  },
  {
    title: 'VR19 a new type that the event does not have',
    code: 'CHANGE_AFTER_MISMATCH',
    field: 'changes[0].alt_af',
    bad: () => change({ changes: [{ ...line, altItem: '04', altAf: '1190' }] }),
    good: () => change({ changes: [{ ...line, altItem: '04', altAf: '有限责任公司' }] }),
  },
  {
    title: 'VR19 a new capital that the event does not have',
    code: 'CHANGE_AFTER_MISMATCH',
    field: 'changes[0].alt_af',
    bad: () => change({ changes: [{ ...line, altItem: '05', altAf: '600万元人民币' }] }),
    good: () => change({ changes: [{ ...line, altItem: '05', altAf: '500.000000' }] }),
  },
  {
    title: 'VR19 a new term that the event does not have',
    code: 'CHANGE_AFTER_MISMATCH',
    field: 'changes[0].alt_af',
    bad: () =>
      change({
        opTo: '2049-11-30',
        opLongTerm: false,
        changes: [{ ...line, altItem: '08', altAf: '长期' }],
      }),
    good: () =>
      change({ opTo: '', opLongTerm: true, changes: [{ ...line, altItem: '08', altAf: '长期' }] }),
  },
  {
    title: 'R51 VR19 a content after the change that shows nothing',
    code: 'REQUIRED',
    field: 'changes[0].alt_af',
    bad: () => change({ changes: [{ ...line, altAf: '\u200B\u3164' }] }),
    good: () => change({ changes: [line] }),
  },
  {
    title: 'VR19 of two changes of one item the earlier as the current state',
    code: 'CHANGE_AFTER_MISMATCH',
    field: 'changes[1].alt_af',
    bad: () =>
      change({
        dom: '舟山市定海区一号',
        ftzFlag: true,
        changes: [
          { ...line, altItem: '02', altAf: '舟山市定海区一号', altDate: '2019-12-17' },
          { ...line, altItem: '02', altAf: '舟山市定海区二号', altDate: '2019-12-18' },
        ],
      }),
    good: () =>
      change({
        dom: '舟山市定海区一号',
        changes: [
          { ...line, altItem: '02', altAf: '舟山市定海区一号', altDate: '2019-12-18' },
          { ...line, altItem: '02', altAf: '舟山市定海区二号', altDate: '2019-12-17' },
        ],
      }),
  },
  {
    title: 'VR19 the same change twice',
    code: 'CHANGE_DUPLICATE',
    field: 'changes[1]',
    bad: () => change({ changes: [line, line] }),
    good: () => change({ changes: [line, { ...line, altDate: '2019-12-17' }] }),
  },
  {
    title: 'VR8 a change of tomorrow',
    code: 'DATE_IN_FUTURE',
    field: 'changes[0].alt_date',
    bad: () => change({ changes: [{ ...line, altDate: '2019-12-21' }] }),
    good: () => change({ changes: [line] }),
  },
];

export const REGISTRATION_CASES: readonly FindingCase[] = [...EVENT_CASES, ...CHANGE_CASES];
