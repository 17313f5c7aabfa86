import { describe, expect, it } from 'vitest';
import { capitalMatches } from '../../../server/domain/validation/capital-text.js';
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
