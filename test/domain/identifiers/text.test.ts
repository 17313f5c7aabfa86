import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  charLength,
  foldFullWidth,
  normaliseName,
} from '../../../server/domain/identifiers/text.js';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'Ａｚ９　（）()ΐß\u0301aA ﷺ〔有限公司\u200B'.split('')) }),
);

describe('foldFullWidth', () => {
  it('folds digits, letters and spaces and leaves Chinese punctuation', () => {
    expect(foldFullWidth('ＡＢｃ１２３　号')).toBe('ABc123 号');
    expect(foldFullWidth('（上海），第１号；！－')).toBe('（上海），第1号；！－');
  });

  it('is idempotent and moves no position', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = foldFullWidth(text);
        expect(foldFullWidth(once)).toBe(once);
        expect(once).toHaveLength(text.length);
      }),
    );
  });
});

describe('normaliseName', () => {
  it.each([
    ['上海某某（中国）有限公司', '上海某某(中国)有限公司'],
    ['上海某某〔中国〕有限公司', '上海某某【中国】有限公司'],
    ['ＡＢＣ 咨询 有限公司', 'abc咨询有限公司'],
    ['  宁波某某\u3000有限公司\u200B', '宁波某某有限公司'],
  ])('makes "%s" and "%s" one name', (a, b) => {
    expect(normaliseName(a)).toBe(normaliseName(b));
  });

  it.each([
    ['宁波某某有限公司', '宁波某某有限责任公司'],
    ['上海某某(中国)有限公司', '上海某某中国有限公司'],
    ['北京甲乙公司', '北京乙甲公司'],
  ])('keeps "%s" and "%s" apart', (a, b) => {
    expect(normaliseName(a)).not.toBe(normaliseName(b));
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normaliseName(text);
        expect(normaliseName(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('charLength', () => {
  it('counts code points', () => {
    expect(charLength('')).toBe(0);
    expect(charLength('有限公司')).toBe(4);
    expect(charLength('𠮷野家')).toBe(3);
    expect(charLength('\uD842')).toBe(1);
  });

  it('agrees with the iteration of the language and adds up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(charLength(a)).toBe([...a].length);
        expect(charLength(`${a}|${b}`)).toBe(charLength(a) + 1 + charLength(b));
      }),
    );
  });
});
