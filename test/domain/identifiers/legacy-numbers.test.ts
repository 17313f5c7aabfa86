import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orgCodeCheckDigit, orgCodeHoldsAt } from '../../../server/domain/identifiers/org-code.js';
import { isRegistrationNumber } from '../../../server/domain/identifiers/registration-number.js';

const targets: Record<string, string>[] = parse(
  readFileSync(
    new URL('../../../reference/samples/sample-spot-check-targets.csv', import.meta.url),
  ),
  { columns: true },
);

describe('the organisation code', () => {
  it.each(['674737244', '711771143', 'MA00478Q1', 'L07196379', '72513935X', 'M000100Y4'])(
    'accepts %s',
    (code) => {
      expect(orgCodeHoldsAt(code, 0)).toBe(true);
    },
  );

  it('is the same in the short form and inside a credit code', () => {
    expect(orgCodeHoldsAt('9133021272513935X8', 8)).toBe(true);
    expect(orgCodeHoldsAt('9133021272513935X8', 9)).toBe(false);
    expect(orgCodeHoldsAt('9133021272513935', 8)).toBe(false);
  });

  it('turns remainders 10 and 11 into X and 0', () => {
    expect(orgCodeCheckDigit('72513935')).toBe('X');
    expect(orgCodeCheckDigit('00000000')).toBe('0');
  });

  it.each(['', '72513935', '72513935x', '72513935-X', '7251393５X'])('refuses "%s"', (text) => {
    expect(orgCodeHoldsAt(text, 0)).toBe(false);
  });

  it('has no check digit for what is not eight characters of 0-9 A-Z', () => {
    expect(orgCodeCheckDigit('7251393')).toBeUndefined();
    expect(orgCodeCheckDigit('7251393/')).toBeUndefined();
  });

  it('always verifies the digit it computes, and no other', () => {
    const characters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const body = fc
      .array(fc.constantFrom(...characters), { minLength: 8, maxLength: 8 })
      .map((list) => list.join(''));
    fc.assert(
      fc.property(body, (first8) => {
        const accepted = characters.filter((last) => orgCodeHoldsAt(first8 + last, 0));
        expect(accepted).toEqual([orgCodeCheckDigit(first8)]);
      }),
    );
  });
});

describe('the registration number', () => {
  const digits14 = fc
    .array(fc.constantFrom(...'0123456789'), { minLength: 14, maxLength: 14 })
    .map((list) => list.join(''));

  it('accepts the real numbers of the spot-check sample', () => {
    const numbers = targets.map((row) => row['reg_no_15'] ?? '').filter((text) => text !== '');
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter((number) => !isRegistrationNumber(number))).toEqual([]);
  });

  it.each(['', '33010800012345', '3301080001234567', '33010800012345X', '３30108000123456'])(
    'refuses "%s"',
    (text) => {
      expect(isRegistrationNumber(text)).toBe(false);
    },
  );

  const lastDigitsOf = (body: string): string[] =>
    [...'0123456789'].filter((last) => isRegistrationNumber(body + last));

  it('has one check digit for any 14 digits', () => {
    fc.assert(
      fc.property(digits14, (body) => {
        expect(lastDigitsOf(body)).toHaveLength(1);
      }),
    );
  });

  it('refuses a valid number once a single digit of it differs', () => {
    fc.assert(
      fc.property(digits14, fc.nat({ max: 14 }), fc.integer({ min: 1, max: 9 }), (body, at, by) => {
        const number = body + lastDigitsOf(body).join('');
        const digit = (Number(number[at]) + by) % 10;
        expect(isRegistrationNumber(number.slice(0, at) + digit + number.slice(at + 1))).toBe(
          false,
        );
      }),
      { numRuns: 500 },
    );
  });
});
