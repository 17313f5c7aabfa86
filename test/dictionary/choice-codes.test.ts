import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { up } from '../../migrations/018-code-comments.js';
import { codesOf } from '../../server/dictionary/choice-codes.js';
import { columnsOf } from '../../server/dictionary/columns.js';
import { DICTIONARY } from '../../server/dictionary/dictionary.js';
import type { ChoiceField } from '../../server/dictionary/field.js';
import { fromRow } from '../../server/dictionary/from-row.js';
import { toRow } from '../../server/dictionary/to-row.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { freshLibraries, type TestLibraries } from '../support/libraries.js';

const { codeLists } = loadReference();
const folder = new URL('../../proto/zhengzhao/v1/', import.meta.url);
const written = ['record.proto', 'registration_event.proto']
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

/** The Chinese word of a value of an enum, as the contract has it. */
function wordOf(fullName: string): string {
  return new RegExp(`// ([^\\s:.]+)[^\\n]*\\n\\s*${fullName} = `).exec(written)?.[1] ?? '';
}

/** Every column that takes a code of a list, with the message that has it. */
const choices = DICTIONARY.flatMap((entry) =>
  entry.fields
    .filter((field): field is ChoiceField => field.type === 'choice')
    .flatMap((field) => {
      const codes = codesOf(field.values);
      return codes ? [{ entry, field, codes }] : [];
    }),
);

describe('codes in tables', () => {
  it('R51 VR10 are those of the code lists, all of them, and mean what the lists say', () => {
    expect(new Set(choices.map(({ codes }) => codes.list))).toEqual(
      new Set([
        ...['event_type', 'cancel_kind', 'counterpart_type', 'licence_category'],
        ...['licence_state', 'end_kind', 'penalty_state'],
      ] as const),
    );
    for (const { field, codes } of choices) {
      const list = codeLists.get(codes.list)!;
      expect([...codes.names.keys()].sort()).toEqual([...list.keys()].sort());
      for (const [code, name] of codes.names) {
        const value = field.values.values.find(({ localName }) => localName === name);
        const word = list.get(code)?.nameZh ?? '';
        expect([codes.list, code, wordOf(value?.name ?? '')]).toEqual([
          codes.list,
          code,
          expect.stringContaining(word),
        ]);
      }
    }
  });

  it('R51 VR10 survive from row to message to row, with and without a leading zero', () => {
    const written = choices.flatMap(({ entry, field, codes }) =>
      [...codes.names].map(([code, name]) => ({ entry, field, code, name })),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...written),
        fc.constantFrom('', '0'),
        fc.constantFrom('', ' '),
        ({ entry, field, code, name }, zero, blank) => {
          const columns = columnsOf(entry);
          const bare = String(Number(code));
          for (const text of [code, `${zero}${bare}${blank}`, name, name.toLowerCase()]) {
            const { init, misfits } = fromRow({ [field.name]: text }, columns);
            expect(misfits).toEqual([]);
            const row = toRow(create(entry.message, init), columns);
            expect([text, row[field.name]]).toEqual([text, name]);
            expect(fromRow({ [field.name]: row[field.name] }, columns).init).toEqual(init);
          }
        },
      ),
    );
  });

  it('VR10 a digit that is in no list is no value, whatever number the contract has for it', () => {
    for (const { entry, field, codes } of choices) {
      const listed = new Set([...codes.names.keys()].map(Number));
      // Zero is not stated, as an empty text is.
      for (let digit = 1; digit < 100; digit += 1) {
        if (listed.has(digit)) continue;
        const { misfits } = fromRow({ [field.name]: String(digit) }, columnsOf(entry));
        expect([field.name, digit, misfits.length]).toEqual([field.name, digit, 1]);
      }
    }
  });
});

describe('what writers are told', () => {
  let libraries: TestLibraries;
  beforeAll(async () => {
    libraries = await freshLibraries();
  });
  afterAll(() => libraries.drop());

  it('R50 R51 a library of before learns the codes of its columns', async () => {
    const { knex, report, schema } = libraries;
    const comment = async (): Promise<unknown> => {
      const { rows } = await knex.raw<{ rows: { text: string | null }[] }>(
        `select col_description(a.attrelid, a.attnum) as text from pg_attribute a
          where a.attrelid = format('%I.licences', ?::text)::regclass and a.attname = 'counterpart_type'`,
        [report],
      );
      return rows[0]?.text;
    };
    await knex.raw(`comment on column ??.licences.counterpart_type is '行政相对人类别 XK_XDR_LB'`, [
      report,
    ]);
    await knex.transaction(async (trx) => {
      await trx.raw('set local search_path to ??', [schema]);
      await up(trx);
    });
    expect(await comment()).toBe(
      '行政相对人类别 XK_XDR_LB: ORGANISATION=02/03, NATURAL_PERSON=01, INDIVIDUAL_BUSINESS=04',
    );
  });
});
