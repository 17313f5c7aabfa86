import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findTextProblems,
  TEXT_PROBLEM_SEVERITY,
} from '../../../server/domain/identifiers/text-problems.js';

const enterprises: Record<string, string>[] = parse(
  readFileSync(new URL('../../../reference/samples/sample-enterprises.csv', import.meta.url)),
  { columns: true },
);
const realTexts = enterprises
  .flatMap((row) => [row['name'] ?? '', row['business_scope'] ?? '', row['address'] ?? ''])
  .filter((text) => text !== '');

const kindsIn = (text: string, multiline = false) =>
  findTextProblems(text, { multiline }).map((problem) => problem.kind);

describe('findTextProblems', () => {
  it('finds nothing in real names, scopes and addresses', () => {
    expect(realTexts.length).toBeGreaterThan(500);
    expect(realTexts.filter((text) => kindsIn(text, true).length > 0)).toEqual([]);
  });

  it.each([
    ...[
      '',
      '净含量<5kg且>3kg',
      'A&B有限公司',
      'R&D;',
      '×××××公司',
      '甲····乙',
      '10±2℃',
      '2019E17号',
    ],
    ...[
      "O'Neill贸易",
      '‘一带一路’项目',
      '#1楼',
      '锛子',
      '𠮷野家',
      '温度≤－18℃',
      '<ABC公司>',
      '为何??',
      '永豐餘紙業有限公司紙箱',
    ],
  ])('finds nothing in "%s"', (text) => {
    expect(findTextProblems(text)).toEqual([]);
  });

  it.each([
    ['某某\u0000公司', 'CONTROL_CHARACTER'],
    ['某某\u0085公司', 'CONTROL_CHARACTER'],
    ['某某\uFFFD公司', 'REPLACEMENT_CHARACTER'],
    ['锟斤拷锟斤拷', 'MOJIBAKE'],
    ['烫烫烫烫', 'MOJIBAKE'],
    ['MÃ¤nner', 'MOJIBAKE'],
    ['食品????许可', 'MOJIBAKE'],
    ['某\uD842公司', 'LONE_SURROGATE'],
    ['某\uDFB7公司', 'LONE_SURROGATE'],
    ['第一行<br/>第二行', 'HTML_TAG'],
    ['<p class="x">内容', 'HTML_TAG'],
    ['<img src=x onerror=y', 'HTML_TAG'],
    ['<!-- 注释', 'HTML_TAG'],
    ['甲&nbsp;乙', 'HTML_ENTITY'],
    ['甲&#20013;乙', 'HTML_ENTITY'],
    ['#N/A', 'EXCEL_ERROR'],
    ['#REF!', 'EXCEL_ERROR'],
    ['#VALUE!', 'EXCEL_ERROR'],
    ['########', 'EXCEL_ERROR'],
    ['1.23E+17', 'EXCEL_NUMBER'],
    ['编号9.13302e+17', 'EXCEL_NUMBER'],
    ["'330203000012345", 'EXCEL_APOSTROPHE'],
    ['‘330203000012345', 'EXCEL_APOSTROPHE'],
    ['某某\u202E公司', 'BIDI_CONTROL'],
    ['某某\u200B公司', 'INVISIBLE_CHARACTER'],
    ['\uFEFF某某公司', 'INVISIBLE_CHARACTER'],
  ])('finds in %j %s and nothing else', (text, kind) => {
    expect(kindsIn(text)).toEqual([kind]);
  });

  it('lets lines and tabs through only where several lines are allowed', () => {
    for (const text of ['第一行\n第二行', '第一行\r\n第二行', '甲\t乙']) {
      expect(kindsIn(text, false)).toEqual(['CONTROL_CHARACTER']);
      expect(kindsIn(text, true)).toEqual([]);
    }
    expect(kindsIn('第一行\r第二行', true)).toEqual(['CONTROL_CHARACTER']);
    expect(kindsIn('甲\u0001乙', true)).toEqual(['CONTROL_CHARACTER']);
  });

  it('says where the first of each kind stands', () => {
    expect(findTextProblems('<b>甲</b>&nbsp;<b>&nbsp;')).toEqual([
      { kind: 'HTML_TAG', index: 0 },
      { kind: 'HTML_ENTITY', index: 8 },
    ]);
  });

  it('answers one kind once, also where two patterns find it', () => {
    expect(findTextProblems('锟斤拷鍏鍙')).toEqual([{ kind: 'MOJIBAKE', index: 0 }]);
  });

  it('finds every real text that was read in Latin-1, and most that were read in GBK', () => {
    const chinese = realTexts.filter((text) => /^[\u4e00-\u9fa5]{8,}$/.test(text));
    const rereadIn = (label: string) =>
      chinese.map((text) => new TextDecoder(label).decode(new TextEncoder().encode(text)));
    const found = (text: string) => kindsIn(text).length > 0;
    expect(chinese.length).toBeGreaterThan(50);
    expect(rereadIn('latin1').filter((text) => !found(text))).toEqual([]);
    expect(rereadIn('gbk').filter(found).length).toBeGreaterThan(chinese.length * 0.9);
  });

  it('finds a control character wherever it stands', () => {
    const control = fc
      .oneof(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 127, max: 159 }))
      .map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), control, fc.string(), (before, mark, after) => {
        expect(kindsIn(before + mark + after)).toContain('CONTROL_CHARACTER');
      }),
    );
  });

  it('comes to an end with hostile text, for which quadratic time is longer than any test', () => {
    const hostile = ['<a ', '<a', '&#1', '1.', "'a", '#', '鍙a', '\r', ' '].map((part) =>
      part.repeat(1_000_000),
    );
    for (const text of hostile) findTextProblems(text);
  });

  it('has a severity for every kind it can answer', () => {
    expect(TEXT_PROBLEM_SEVERITY[kindOfFirst('\uFFFD')]).toBe('ERROR');
    expect(TEXT_PROBLEM_SEVERITY[kindOfFirst('甲&nbsp;乙')]).toBe('WARNING');
  });
});

function kindOfFirst(text: string) {
  const [first] = findTextProblems(text);
  if (!first) throw new Error('the text was expected to have a problem');
  return first.kind;
}
