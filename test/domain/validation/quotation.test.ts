import { describe, expect, it } from 'vitest';
import { capitalMatches } from '../../../server/domain/validation/capital-text.js';
import { termMatches } from '../../../server/domain/validation/term-text.js';
import { asIs, quote } from '../../../server/domain/validation/quotation.js';

describe('VR28 what a finding repeats of a message', () => {
  it.each(['PX-0035', '2019-02-30', '330000000M660', '11100000MB0143028R', 'K', '157'])(
    'the code or date %s as it is',
    (value) => {
      expect(quote(value)).toEqual({ zh: value, en: value });
    },
  );

  it.each(['张三', 'ZHANGSAN', 'a b', '<b>\u0000', '\uD800'])(
    'of %j only that it is no code',
    (value) => {
      expect(quote(value)).toEqual({ zh: '(非代码内容)', en: '(not a code)' });
    },
  );

  it('masks long numbers, also when they go on behind the cut', () => {
    expect(quote('110105194912310021').zh).toBe('1101**************');
    expect(quote(`A${'1'.repeat(99)}`).zh).toBe(`A1111${'*'.repeat(34)}…`);
  });

  it('cuts its own texts to 40 characters too', () => {
    expect(asIs('事'.repeat(41)).zh).toBe(`${'事'.repeat(39)}…`);
    expect(asIs('事'.repeat(40)).zh).toBe('事'.repeat(40));
  });
});

describe('VR19 a written amount of capital', () => {
  const fiveMillionYuan = 500_000_000n;

  it.each([
    '500万',
    '500',
    '500.000000',
    '500万元人民币',
    '5,000,000元',
    '５００万人民币',
    '0.05亿',
    '5000000',
  ])('%s can be 5 million yuan', (text) => {
    expect(capitalMatches(text, fiveMillionYuan)).toBe(true);
  });

  it.each(['501万', '5000元', '500.000001', '5亿', '50'])('%s cannot', (text) => {
    expect(capitalMatches(text, fiveMillionYuan)).toBe(false);
  });

  it('words that are no plain amount are let pass', () => {
    expect(capitalMatches('伍佰万元整', fiveMillionYuan)).toBe(true);
  });

  it('an amount does not fit a missing capital', () => {
    expect(capitalMatches('500万', undefined)).toBe(false);
  });
});

describe('VR19 a written term', () => {
  const thirtyYears = { opFrom: '2019-12-01', opTo: '2049-11-30', opLongTerm: false };
  const endless = { opFrom: '2019-12-01', opTo: '', opLongTerm: true };

  it.each([
    '2019-12-01至2049-11-30',
    '自2019年12月1日起至2049年11月30日止',
    '２０１９/12/01 ～ 2049/11/30',
    '2019.12.1—2049.11.30',
    '2019-12-01-2049-11-30',
    '2049-11-30',
    '2019年12月01日',
  ])('%s can be the thirty years', (text) => {
    expect(termMatches(text, thirtyYears)).toBe(true);
    expect(termMatches(text, { ...thirtyYears, opFrom: '' })).toBe(text !== '2019年12月01日');
  });

  it.each([
    '2019-12-01至2039-11-30',
    '2018-12-01至2049-11-30',
    '2039-11-30',
    '长期',
    '2019-12-01至永久',
  ])('%s cannot', (text) => {
    expect(termMatches(text, thirtyYears)).toBe(false);
  });

  it.each(['长期', '永久有效', '2019-12-01至长期', '2019-12-01至9999-12-31', '2019-12-01'])(
    '%s can be without end, however that is stated',
    (text) => {
      expect(termMatches(text, endless)).toBe(true);
      expect(termMatches(text, { ...endless, opTo: '2099-12-31', opLongTerm: false })).toBe(true);
    },
  );

  it('a last day is no term without end', () => {
    expect(termMatches('2019-12-01至2049-11-30', endless)).toBe(false);
    expect(termMatches('2049-11-30', endless)).toBe(false);
  });

  it.each([
    '30年',
    '三十年',
    '2049-02-30',
    '2019-12-01至2049-11-30（展期）',
    '',
    '1900-01-01',
    '至',
  ])('what is more or less than days is let pass: %s', (text) => {
    expect(termMatches(text, thirtyYears)).toBe(true);
  });

  it('so is a term that the registration does not state', () => {
    const unstated = { opFrom: '', opTo: '', opLongTerm: false };
    expect(termMatches('2019-12-01至2049-11-30', unstated)).toBe(true);
    expect(termMatches('长期', unstated)).toBe(true);
  });
});
