import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlaceholder } from '../../../server/domain/identifiers/placeholder.js';

describe('isPlaceholder', () => {
  it.each([
    ...['', '  ', '无', '（无）', '暂无', '-', '--', '——', '/', '／', '\\', '.', '*', '？？', '…'],
    ...['null', 'NULL', '<null>', 'N/A', 'n/a', '#N/A', 'none', 'Ｎ／Ａ', 'undefined', 'test'],
    ...['0', '0000', '００００', '00000000000000000X', 'XXXX', 'xx', '×××'],
    ...['11111111', '123456789', '1234567890123', '0123456789'],
  ])('knows "%s" as one', (text) => {
    expect(isPlaceholder(text)).toBe(true);
  });

  it.each([
    ...['1', '8', '10', '0001', '666666', '12345678', '234567890', 'X1', '无锡许字第1号', 'NA001'],
    ...['甬市监罚〔2019〕1号', 'JY13302030012345', '91330203674737244W', '330203000012345'],
  ])('takes "%s" for a number', (text) => {
    expect(isPlaceholder(text)).toBe(false);
  });

  it('does not depend on width, case and outer white space', () => {
    const text = fc.oneof(
      fc.constantFrom('无', 'null', 'N/A', '0000', '-', '12', 'JY1', '11111111'),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(text, (plain) => {
        const wide = plain.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
        const expected = isPlaceholder(plain);
        expect(isPlaceholder(wide)).toBe(expected);
        expect(isPlaceholder(`\u3000${plain.toLowerCase()} `)).toBe(expected);
      }),
    );
  });

  it('knows zeros of any number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (count) => {
        expect(isPlaceholder('0'.repeat(count))).toBe(true);
        expect(isPlaceholder(`${'0'.repeat(count)}1`)).toBe(false);
      }),
    );
  });
});
