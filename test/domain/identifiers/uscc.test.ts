import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkUscc,
  kindOf,
  normaliseUscc,
  regionDigitsOf,
  usccCheckDigit,
} from '../../../server/domain/identifiers/uscc.js';

interface Vector {
  readonly code: string;
  readonly expected: 'valid' | 'invalid';
  readonly kind: string;
}

const ALPHABET = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'];
const vectors: Vector[] = parse(
  readFileSync(new URL('../../../reference/samples/uscc-vectors.csv', import.meta.url)),
  { columns: true },
);
const validCodes = vectors.filter((row) => row.expected === 'valid').map((row) => row.code);

const first17 = fc
  .tuple(
    fc.array(fc.constantFrom(...ALPHABET), { minLength: 2, maxLength: 2 }),
    fc.array(fc.constantFrom(...'0123456789'), { minLength: 6, maxLength: 6 }),
    fc.array(fc.constantFrom(...ALPHABET), { minLength: 9, maxLength: 9 }),
  )
  .map((parts) => parts.flat().join(''));

describe('the 800 vectors', () => {
  it('are all there, half of them valid', () => {
    expect(vectors).toHaveLength(800);
    expect(validCodes).toHaveLength(400);
  });

  it('are decided right by format and check digit', () => {
    const wrong = vectors.filter(({ code, expected }) => {
      const refused = checkUscc(code).some((p) => p === 'FORMAT' || p === 'CHECK_DIGIT');
      return refused === (expected === 'valid');
    });
    expect(wrong).toEqual([]);
  });

  it('of real codes carry a right organisation code and share one empty answer', () => {
    const [first, ...others] = validCodes.map((code) => checkUscc(code));
    expect(first).toEqual([]);
    expect(Object.isFrozen(first)).toBe(true);
    expect(others.every((answer) => answer === first)).toBe(true);
  });

  it('in lower case become valid once normalised', () => {
    const lowerCase = vectors.filter((row) => row.kind === 'lower_case');
    expect(lowerCase.length).toBeGreaterThan(0);
    for (const { code } of lowerCase) {
      expect(checkUscc(code)).toEqual(['FORMAT']);
      expect(checkUscc(normaliseUscc(code))).toEqual([]);
    }
  });
});

describe('checkUscc', () => {
  it.each([
    '91330203674737244W',
    '91340000711771143J',
    '91110108MA00478Q15',
    '91330282L07196379D',
    '9133021272513935X8',
    '91350100M000100Y43',
  ])('accepts %s', (code) => {
    expect(checkUscc(code)).toEqual([]);
  });

  it('refuses 91350100M000100Y4Z, whose last character is outside the alphabet', () => {
    expect(checkUscc('91350100M000100Y4Z')).toEqual(['FORMAT']);
    expect(usccCheckDigit('91350100M000100Y4')).toBe('3');
  });

  it('takes check digit 0 where the weighted sum is divisible by 31', () => {
    expect(usccCheckDigit('91310115MA1K00170')).toBe('0');
    expect(checkUscc('91310115MA1K001700')).not.toContain('CHECK_DIGIT');
    expect(checkUscc('91310115MA1K001701')).toContain('CHECK_DIGIT');
  });

  it('takes X as the check character of the organisation code', () => {
    expect(checkUscc('91310115MA1K0004X1')).toEqual([]);
  });

  it('reports a wrong organisation code alone when the check digit agrees with it', () => {
    const body = '91330203674737245';
    expect(checkUscc(body + usccCheckDigit(body))).toEqual(['ORG_CODE']);
  });

  it.each([
    '',
    '9133020367473724',
    '91330203674737244WW',
    'I1330203674737244W',
    '91A30203674737244W',
  ])('calls the format of "%s" wrong', (code) => {
    expect(checkUscc(code)).toContain('FORMAT');
  });

  it.each(['９1330203674737244W', ' 91330203674737244W', '91330203674737244w'])(
    'is strict about "%s", which normalising mends',
    (code) => {
      expect(checkUscc(code)).toEqual(['FORMAT']);
      expect(checkUscc(normaliseUscc(code))).toEqual([]);
    },
  );

  it.each(['00000000000000000X', '000000000000000000', '111111111111111111', '123456789012345678'])(
    'knows %s as a placeholder',
    (code) => {
      expect(checkUscc(code)).toContain('PLACEHOLDER');
    },
  );

  it('knows an organisation code of zeros and a word as placeholders', () => {
    const body = '91330000000000000';
    expect(checkUscc(body + usccCheckDigit(body))).toEqual(['PLACEHOLDER']);
    expect(checkUscc('无')).toEqual(['FORMAT', 'PLACEHOLDER']);
  });

  it('always verifies the digit it computes', () => {
    fc.assert(
      fc.property(first17, (body) => {
        expect(checkUscc(body + usccCheckDigit(body))).not.toContain('CHECK_DIGIT');
      }),
    );
  });

  it('refuses a valid code once a single character of it differs', () => {
    const change = fc.tuple(
      fc.constantFrom(...validCodes),
      fc.nat({ max: 17 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.oneof(change, changeWithin(ALPHABET)), ([code, position, character]) => {
        fc.pre(code[position] !== character);
        const changed = code.slice(0, position) + character + code.slice(position + 1);
        expect(checkUscc(changed).some((p) => p === 'FORMAT' || p === 'CHECK_DIGIT')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('answers for any text without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(checkUscc(text)).toContain('FORMAT');
      }),
    );
  });
});

function changeWithin(characters: readonly string[]) {
  return fc.tuple(
    fc.constantFrom(...validCodes),
    fc.nat({ max: 17 }),
    fc.constantFrom(...characters),
  );
}

describe('normaliseUscc', () => {
  it('is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = normaliseUscc(text);
        expect(normaliseUscc(once)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('usccCheckDigit', () => {
  it('is undefined for what is not 17 characters of the right format', () => {
    expect(usccCheckDigit('91330203674737244W')).toBeUndefined();
    expect(usccCheckDigit('9133020367473724')).toBeUndefined();
    expect(usccCheckDigit('9133020367473724I')).toBeUndefined();
  });
});

describe('the parts of a code', () => {
  it('name kind and region', () => {
    expect(kindOf('91330203674737244W')).toBe('ENTERPRISE');
    expect(kindOf('92330282L07196379D')).toBe('INDIVIDUAL_BUSINESS');
    expect(kindOf('93330282L07196379D')).toBe('FARMER_COOPERATIVE');
    expect(regionDigitsOf('91330203674737244W')).toBe('330203');
  });

  it('name no market kind for another department', () => {
    expect(kindOf('11100000MB0143028R')).toBeUndefined();
    expect(kindOf('94')).toBeUndefined();
  });
});
