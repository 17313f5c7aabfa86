import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findPersonalData,
  isCitizenId,
  maskPersonalData,
} from '../../../server/domain/identifiers/personal-data.js';

/** Made from a province, a date and a sequence; no number here was taken from a person. */
const INVENTED = '11010119900307001';
const citizenId = INVENTED + checkCharacterOf(INVENTED);

/** GB 11643 as the standard writes it: a weighted sum, not the recurrence of the code under test. */
function checkCharacterOf(first17: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(first17[i]), 0);
  return '10X98765432'.charAt(sum % 11);
}

const readSample = (name: string): Record<string, string>[] =>
  parse(readFileSync(new URL(`../../../reference/samples/${name}`, import.meta.url)), {
    columns: true,
  });

const anyCitizenId = fc
  .tuple(
    fc.constantFrom('110101', '330203', '440305', '659001', '820000'),
    fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
    fc.nat({ max: 999 }),
  )
  .map(([region, birth, sequence]) => {
    const date = birth.toISOString().slice(0, 10).replaceAll('-', '');
    const first17 = region + date + String(sequence).padStart(3, '0');
    return first17 + checkCharacterOf(first17);
  });
const chineseText = fc.string({ unit: fc.constantFrom(...'经营者身份证号码：，（）有限公司x') });

describe('isCitizenId', () => {
  it('accepts every number with province, date and check character', () => {
    fc.assert(
      fc.property(anyCitizenId, (number) => {
        expect(isCitizenId(number)).toBe(true);
        expect(isCitizenId(number.toLowerCase())).toBe(true);
      }),
    );
  });

  it('refuses a number once a single digit of it differs', () => {
    fc.assert(
      fc.property(
        anyCitizenId,
        fc.nat({ max: 16 }),
        fc.integer({ min: 1, max: 9 }),
        (id, at, by) => {
          const digit = (Number(id[at]) + by) % 10;
          expect(isCitizenId(id.slice(0, at) + digit + id.slice(at + 1))).toBe(false);
        },
      ),
    );
  });

  it.each(['99010119900307001', '11010119900230001', '11010121000307001'])(
    'refuses %s with any check character, for its province or date',
    (first17) => {
      expect(isCitizenId(first17 + checkCharacterOf(first17))).toBe(false);
    },
  );
});

describe('findPersonalData', () => {
  it('finds a citizen number in any text around it', () => {
    fc.assert(
      fc.property(chineseText, anyCitizenId, chineseText, (before, id, after) => {
        const finding = { start: before.length, end: before.length + 18 };
        expect(findPersonalData(before + id + after)).toEqual([{ kind: 'CITIZEN_ID', ...finding }]);
      }),
    );
  });

  it('finds it in groups and in full width', () => {
    const grouped = citizenId.replace(/^(.{6})(.{8})/, '$1 $2-');
    const wide = [...citizenId].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('');
    expect(findPersonalData(`证件${grouped}。`)).toEqual([
      { kind: 'CITIZEN_ID', start: 2, end: 22 },
    ]);
    expect(findPersonalData(`证件${wide}。`)).toEqual([{ kind: 'CITIZEN_ID', start: 2, end: 20 }]);
  });

  it('takes no credit code, registration number or name of the samples for one', () => {
    const codes = readSample('uscc-vectors.csv').map((row) => row['code'] ?? '');
    const targets = readSample('sample-spot-check-targets.csv').flatMap((row) =>
      Object.values(row),
    );
    const texts = [...codes, ...targets];
    expect(texts.length).toBeGreaterThan(1000);
    expect(texts.filter((text) => findPersonalData(text).length > 0)).toEqual([]);
  });

  it('takes fifteen digits for an old number only behind a label', () => {
    expect(findPersonalData('身份证号码：110101900307001')).toEqual([
      { kind: 'CITIZEN_ID_OLD', start: 6, end: 21 },
    ]);
    expect(findPersonalData('注册号：110101900307001')).toEqual([]);
    expect(findPersonalData('身份证号码：110101901307001')).toEqual([]);
  });

  it.each([
    '电话13800000000。',
    '手机号：13800000000',
    '(联系人)13800000000',
    '+86 13800000000',
    '138 0000 0000',
    '138-0000-0000',
    '１３８００００００００',
  ])('finds the mobile number in "%s"', (text) => {
    expect(findPersonalData(text).map((finding) => finding.kind)).toEqual(['MOBILE_PHONE']);
  });

  it.each([
    ...['许可证号：13800000000', '批准文号 13800000000', '第13800000000号', 'JY13800000000'],
    ...['138000000001', '12800000000', '0571-13800000', '138-00000000', ''],
  ])('finds no mobile number in "%s"', (text) => {
    expect(findPersonalData(text)).toEqual([]);
  });
});

describe('maskPersonalData', () => {
  it('leaves three characters of a citizen number and seven of a mobile number', () => {
    expect(maskPersonalData(`张某，${citizenId}，电话13812345678，138 1234 5678`)).toBe(
      '张某，110***************，电话138****5678，138 **** 5678',
    );
    expect(maskPersonalData('身份证110101900307001')).toBe('身份证110************');
  });

  it('leaves other text alone', () => {
    const text = '统一社会信用代码91330203674737244W，食品经营许可证JY13302030012345';
    expect(maskPersonalData(text)).toBe(text);
  });

  it('keeps the length and leaves nothing to find', () => {
    const part = fc.oneof(chineseText, anyCitizenId, fc.constant(' 13812345678 '), fc.string());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const text = parts.join('');
        const masked = maskPersonalData(text);
        expect(masked).toHaveLength(text.length);
        expect(findPersonalData(masked)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
