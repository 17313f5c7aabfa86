import { change, registration, type FindingCase } from './finding-case.js';

const moved = {
  dom: '浙江省舟山市定海区环城路1号',
  changes: [
    {
      altItem: '02',
      altBe: '中国（浙江）自由贸易试验区舟山市定海区港口路18号',
      altAf: '浙江省舟山市定海区环城路1号',
      altDate: '2019-12-18',
    },
  ],
};

/** The registrar's judgement. */
export const FREE_TRADE_ZONE_CASES: readonly FindingCase[] = [
  {
    title: 'VR11 R22 a zone enterprise without the name of the zone',
    code: 'FTZ_NAME_REQUIRED',
    field: 'ftz_name',
    bad: () => registration({ ftzName: '' }),
    good: () => registration(),
  },
  {
    title: 'VR11 R22 a zone enterprise without the name of the area',
    code: 'FTZ_AREA_REQUIRED',
    field: 'ftz_area_name',
    bad: () => registration({ ftzAreaName: '' }),
    good: () => registration(),
  },
  {
    title: 'VR11 zone data without the mark',
    code: 'FTZ_DATA_WITHOUT_FLAG',
    field: 'ftz_name',
    bad: () => registration({ ftzFlag: false }),
    good: () => registration({ ftzFlag: false, ftzName: '', ftzAreaName: '' }),
  },
  {
    title: 'VR11 a zone that does not exist',
    code: 'FTZ_UNKNOWN',
    field: 'ftz_name',
    bad: () => registration({ ftzName: '中国（千岛）自由贸易试验区' }),
    good: () => registration({ ftzName: '浙江自贸区' }),
  },
  {
    title: 'VR11 a zone of another province',
    code: 'FTZ_OTHER_PROVINCE',
    field: 'ftz_name',
    bad: () => registration({ ftzName: '中国（广东）自由贸易试验区' }),
    good: () => registration({ ftzName: '中国(浙江)自由贸易试验区' }),
  },
  {
    title: 'VR11 an area of another zone',
    code: 'FTZ_AREA_UNKNOWN',
    field: 'ftz_area_name',
    bad: () => registration({ ftzAreaName: '广州南沙新区片区' }),
    good: () => registration({ ftzAreaName: '舟山离岛' }),
  },
  {
    title: 'VR11 a provisional code that does not fit the name',
    code: 'FTZ_CODE_MISMATCH',
    field: 'ftz_area_code',
    bad: () => registration({ ftzAreaCode: 'FTZ-33-01' }),
    good: () => registration({ ftzCode: 'FTZ-33', ftzAreaCode: 'FTZ-33-02' }),
  },
  {
    title: 'R43 a domicile that names a zone without the mark',
    code: 'FTZ_DOMICILE_MISMATCH',
    field: 'ftz_flag',
    bad: () => registration({ ftzFlag: false, ftzName: '', ftzAreaName: '' }),
    good: () =>
      registration({ ftzFlag: false, ftzName: '', ftzAreaName: '', dom: '舟山市定海区环城路1号' }),
  },
  {
    title: 'R43 a domicile that names another zone',
    code: 'FTZ_DOMICILE_MISMATCH',
    field: 'ftz_flag',
    bad: () => registration({ dom: '中国（广东）自由贸易试验区广州市南沙区1号' }),
    good: () => registration({ dom: '舟山市定海区环城路1号' }),
  },
  {
    title: 'R43 a new domicile in a zone without a judge',
    code: 'FTZ_JUDGEMENT_NOT_RENEWED',
    field: 'ftz_judged_by',
    bad: () => change({ ...moved, ftzJudgedBy: '' }),
    good: () => change(moved),
  },
];
