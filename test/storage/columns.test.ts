import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Columns, textArray } from '../../server/storage/columns.js';
import { isDataError } from '../../server/storage/data-error.js';
import { query } from '../../server/storage/database.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** Text that PostgreSQL holds: any but NUL and halves of surrogate pairs. */
const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0'));
const integer = (bits: number) => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const row = fc.record({
  small: integer(16),
  whole: integer(32),
  large: fc.maxSafeInteger(),
  real: fc.double({ noNaN: true }),
  flag: fc.boolean(),
  words: fc.option(text, { nil: undefined }),
  bytes: fc.option(fc.uint8Array(), { nil: null }),
  moment: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
  list: fc.array(text),
  json: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null))),
});

function faultOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

describe('columns in binary form', () => {
  it('come out of PostgreSQL as they went in', () =>
    fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
        const column = new Columns(rows);
        const stored = await query<(typeof rows)[number]>(
          database.knex,
          `select small, whole, large, real, flag, words, bytes, moment, list::text[] as list, json
             from unnest(?::smallint[], ?::int[], ?::bigint[], ?::double precision[], ?::boolean[],
                         ?::text[], ?::bytea[], ?::double precision[], ?::text[], ?::jsonb[])
               as x(small, whole, large, real, flag, words, bytes, moment, list, json)`,
          [
            column.int2((r) => r.small),
            column.int4((r) => r.whole),
            column.int8((r) => r.large),
            column.float8((r) => r.real),
            column.bool((r) => r.flag),
            column.text((r) => r.words),
            column.bytea((r) => r.bytes),
            column.float8((r) => r.moment),
            column.texts((r) => r.list),
            column.jsonb((r) => r.json),
          ],
        );
        expect(stored.rows.map((one) => ({ ...one, bytes: one.bytes && [...one.bytes] }))).toEqual(
          rows.map((one) => ({
            ...one,
            words: one.words ?? null,
            moment: one.moment ?? null,
            bytes: one.bytes && [...one.bytes],
          })),
        );
      }),
      { numRuns: 50 },
    ));

  it('a list of texts is found again, also an empty one', async () => {
    const { rows } = await query<{ one: string[]; none: string[] }>(
      database.knex,
      'select ?::text[] as one, ?::text[] as none',
      [textArray(['证照', '"\\{}', '']), textArray([])],
    );
    expect(rows).toEqual([{ one: ['证照', '"\\{}', ''], none: [] }]);
  });

  it.each([2 ** 15, -(2 ** 15) - 1, 1.5, NaN, Infinity])(
    '%d is no smallint, and the fault of its sender',
    (value) => {
      expect(faultOf(() => new Columns([value]).int2((one) => one))).toSatisfy(isDataError);
    },
  );

  it('a text with NUL is the fault of its sender', async () => {
    const sent = query(database.knex, 'select ?::text[]', [textArray(['a\0b'])]);
    await expect(sent.catch((error: unknown) => isDataError(error))).resolves.toBe(true);
  });
});
