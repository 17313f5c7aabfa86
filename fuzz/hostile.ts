import { ScalarType, type DescField } from '@bufbuild/protobuf';
import type { Random } from './random.js';

/** Texts that break what was not written with them in mind. None is an official code. */
const TEXTS: readonly string[] = [
  '',
  ' ',
  '\t\r\n',
  'a\0b',
  '\0',
  '\u001b[2J\u0007',
  // Half pairs, which JSON can write and UTF-8 can not.
  '\ud800',
  '\udfff\ud83d',
  // Bidirectional overrides, zero width, byte order mark, line separators.
  '\u202e司公限有\u202c',
  '千\u200b岛\u200d餐\ufeff饮',
  '\u2028\u2029\u0085',
  `e${'\u0301'.repeat(300)}`,
  // Four bytes each.
  '𠮷野家（舟山）餐饮有限公司',
  '𪚥𠀋\u{10ffff}\u{1f469}\u200d\u{1f469}\u200d\u{1f467}',
  // Look like a credit code and are none: full width, Cyrillic, Greek, look-alike ideographs.
  '９１３３０９０２ＭＡ２０００００１Ｘ',
  '91330902МА2АВСЕН1Х',
  '913309O2MA2OOOOl1Ζ',
  '91330902ma2000001x',
  '〇一二三',
  'ﬁ①Ⅷ㍿',
  // Dates, numbers and identifiers at their edges.
  '0000-00-00',
  '2019-02-30',
  '9999-12-31',
  '10000-01-01',
  '-0001-01-01',
  '2019-12-16T00:00:00Z',
  '-1',
  '1e999',
  'NaN',
  '9223372036854775808',
  '00000000-0000-0000-0000-000000000000',
  // What other programs may take for a command.
  "'; drop table messages; --",
  '$1 ?? ? \\',
  '${jndi:ldap://x}',
  '../../../../etc/passwd',
  '%00%n%s',
  '<script>alert(1)</script>',
  '=1+1',
  '__proto__',
  'constructor',
  'toString',
  '330000',
  '100000',
  '999999',
];

/** Lengths just within and just over the limits of the field dictionary, and far over. */
const LENGTHS = [1, 18, 19, 36, 37, 64, 65, 100, 101, 200, 201, 500, 501, 2000, 2001, 4000, 4001];
const FAR_OVER = [10_000, 70_000];
const LETTERS = ['字', 'a', '9', '𠮷', '\u0301', '\n', '"', '\\'];

/** A text of the list, or one letter as often as a limit allows, or once more. */
export function hostileText(random: Random): string {
  if (random.oneIn(2)) return random.pick(TEXTS);
  const length = random.oneIn(12) ? random.pick(FAR_OVER) : random.pick(LENGTHS);
  return random.pick(LETTERS).repeat(length);
}

const INT32 = [0, 1, -1, 500, 501, 2_147_483_647, -2_147_483_648];
const INT64 = [0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)];

/** A value that the wire format can carry in this field, whatever the field means. */
export function hostileValue(field: DescField, random: Random): unknown {
  if (field.enum) return random.pick([0, 1, 2, 99, -1, 2_147_483_647]);
  switch (field.scalar) {
    case ScalarType.STRING:
      return hostileText(random);
    case ScalarType.BYTES:
      return random.bytes(random.pick([0, 1, 31, 32, 33, 1000]));
    case ScalarType.BOOL:
      return random.oneIn(2);
    case ScalarType.INT64:
      return random.pick(INT64);
    default:
      return random.pick(INT32);
  }
}

/** A JSON value of any type, mostly not the one that belongs there. */
export function hostileJson(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => true,
    () => random.pick([0, -0, 1.5, 1e300, -1, 2_147_483_648, Number.MAX_SAFE_INTEGER + 1]),
    () => hostileText(random),
    () => [],
    () => ({}),
    () => [[[]], {}, null],
    () => ({ [hostileText(random)]: hostileText(random) }),
    () => Array.from({ length: random.pick([2, 501, 20_000]) }, () => null),
  ])();
}
