import { licence, penalty, registration, type FindingCase } from './finding-case.js';

const fact = (illegalFact: string) => penalty({ illegalFact });
const name = (entName: string) => registration({ entName });

const facts = (
  title: string,
  code: FindingCase['code'],
  bad: string,
  good: string,
): FindingCase => ({
  title,
  code,
  field: 'penalty.illegal_fact',
  bad: () => fact(bad),
  good: () => fact(good),
});

/** Free text. */
export const TEXT_CASES: readonly FindingCase[] = [
  facts('VR27 a control character', 'TEXT_CONTROL_CHARACTER', '销售\u0007食品', '销售\r\n食品'),
  {
    title: 'VR27 a line break in a field of one line',
    code: 'TEXT_CONTROL_CHARACTER',
    field: 'ent_name',
    bad: () => name('千岛\n有限公司'),
    good: () => name('千岛有限公司'),
  },
  facts('VR27 a replacement character', 'TEXT_REPLACEMENT_CHARACTER', '销售\uFFFD食品', '销售食品'),
  {
    title: 'VR27 mojibake',
    code: 'TEXT_MOJIBAKE',
    field: 'ent_name',
    bad: () => name('锟斤拷锟斤拷有限公司'),
    good: () => name('锟山有限公司'),
  },
  facts('VR27 half a character', 'TEXT_LONE_SURROGATE', '销售\uD842食品', '销售𠮷食品'),
  facts('VR27 HTML', 'TEXT_HTML_TAG', '<script>alert(1)</script>', '酒精度<5%且>1%'),
  facts('VR27 an escape of HTML', 'TEXT_HTML_ENTITY', '甲&nbsp;乙', '甲&乙'),
  facts('VR27 an error of a spreadsheet', 'TEXT_EXCEL_ERROR', '#N/A', '编号#12'),
  facts('VR27 a number spoilt by a spreadsheet', 'TEXT_EXCEL_NUMBER', '9.13302E+17', '9.13'),
  facts('VR27 the text mark of a spreadsheet', 'TEXT_EXCEL_APOSTROPHE', "'销售食品", '销售食品'),
  facts('VR27 a change of direction', 'TEXT_BIDI_CONTROL', '销售\u202E食品', '销售食品'),
  facts('VR27 an invisible character', 'TEXT_INVISIBLE_CHARACTER', '销售\u200B食品', '销售食品'),
  facts('VR27 full-width digits', 'TEXT_FULL_WIDTH', '销售１２袋', '销售12袋（袋装）'),
  {
    title: 'VR28 an identity number in free text',
    code: 'PERSONAL_ID_NUMBER',
    field: 'penalty.illegal_fact',
    bad: () => fact('当事人张某，身份证号11010519491231002X，'),
    good: () => fact('当事人张某，91330203674737244W，'),
  },
  {
    title: 'VR28 a phone number in free text',
    code: 'PERSONAL_PHONE_NUMBER',
    field: 'licence.lic_item',
    bad: () => licence({ licItem: '热食类食品制售，联系13800138000' }),
    good: () => licence({ licItem: '热食类食品制售，证号13800138000' }),
  },
  {
    title: 'VR28 an identity number behind the name of the representative',
    code: 'PERSONAL_ID_NUMBER',
    field: 'lerep',
    bad: () => registration({ lerep: '张三 11010519491231002X' }),
    good: () => registration({ lerep: '张三', tel: '13800138000' }),
  },
];
