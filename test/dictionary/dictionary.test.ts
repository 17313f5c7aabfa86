import { createHash } from 'node:crypto';
import { ScalarType, type DescField } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, descriptorOf } from '../../server/dictionary/columns.js';
import { DICTIONARY } from '../../server/dictionary/dictionary.js';
import type { Entry } from '../../server/dictionary/entry.js';
import type { Field } from '../../server/dictionary/field.js';
import {
  ENVELOPE_CONTENT_FIELDS,
  ENVELOPE_IDENTITY_FIELDS,
} from '../../server/domain/validation/envelope.js';
import { COUNTERPART_FIELDS } from '../../server/domain/validation/counterpart.js';
import type { FieldSpec } from '../../server/domain/validation/field-specs.js';
import { FILING_FIELDS } from '../../server/domain/validation/filing.js';
import { INSPECTION_FIELDS } from '../../server/domain/validation/inspection.js';
import {
  LICENCE_CHANGE_FIELDS,
  LICENCE_FIELDS,
} from '../../server/domain/validation/licence-fields.js';
import { PENALTY_FIELDS } from '../../server/domain/validation/penalty.js';
import { RECORD_FIELDS } from '../../server/domain/validation/record.js';
import {
  CANCELLATION_FIELDS,
  CHANGE_FIELDS,
  PERMIT_ITEM_FIELDS,
  REGISTRATION_FIELDS,
} from '../../server/domain/validation/registration-fields.js';
import { prepareForeign } from '../../server/report/foreign.js';
import { REPORT_TABLES, reportSql } from '../../server/report/tables.js';
import { FEED, FEED_ITEMS, shareSql } from '../../server/share/tables.js';
import type { Table } from '../../server/dictionary/table.js';
import { libraryNames } from '../../server/storage/library-names.js';
import { foreignDatabase, type ForeignDatabase } from '../support/foreign-database.js';
import { freshLibraries, type TestLibraries } from '../support/libraries.js';
import { abbreviationsOf, lengthOf, termOf, writtenFields } from './contract.js';

const written = writtenFields();

function commentOf(entry: Entry, field: Field): string {
  const found = written.find(
    ({ message, name }) => message === entry.message.name && name === field.name,
  );
  expect(found, `${entry.message.name}.${field.name}`).toBeDefined();
  return found?.comment ?? '';
}

const every = DICTIONARY.flatMap((entry) => entry.fields.map((field) => [entry, field] as const));

const SPECS: Readonly<Record<string, readonly (readonly FieldSpec<never>[])[]>> = {
  Envelope: [ENVELOPE_IDENTITY_FIELDS, ENVELOPE_CONTENT_FIELDS],
  RegistrationEvent: [REGISTRATION_FIELDS],
  PermitItemRef: [PERMIT_ITEM_FIELDS],
  RegistrationChange: [CHANGE_FIELDS],
  Cancellation: [CANCELLATION_FIELDS],
  Record: [RECORD_FIELDS],
  Counterpart: [COUNTERPART_FIELDS],
  Licence: [LICENCE_FIELDS],
  LicenceChange: [LICENCE_CHANGE_FIELDS],
  Filing: [FILING_FIELDS],
  Inspection: [INSPECTION_FIELDS],
  Penalty: [PENALTY_FIELDS],
};

/** What a field of the contract is, in the words of the dictionary. */
function typeInContract(field: DescField): string {
  if (field.fieldKind === 'message')
    return field.message.typeName === 'google.protobuf.Timestamp' ? 'instant' : 'part';
  if (field.fieldKind === 'list') return field.listKind === 'message' ? 'part' : 'text';
  if (field.fieldKind === 'enum') return 'choice';
  if (field.fieldKind !== 'scalar') return 'unknown';
  if (field.scalar === ScalarType.BOOL) return 'flag';
  return field.scalar === ScalarType.INT64 ? 'number' : 'text';
}

/** The same of a field of the dictionary: in Protobuf a date is a text, money a number. */
function typeAsWritten({ type }: Field): string {
  if (type === 'date') return 'text';
  return type === 'fen' || type === 'whole' ? 'number' : type;
}

describe('field dictionary', () => {
  it('R51 R42 names exactly the fields of the contract, in its order', () => {
    for (const { message, fields } of DICTIONARY)
      expect(fields.map(({ name }) => name)).toEqual(message.fields.map(({ name }) => name));
  });

  it('R51 has every message that a record or registration holds', () => {
    const named = new Set(DICTIONARY.map(({ message }) => message.typeName));
    for (const { message } of DICTIONARY)
      for (const { message: held } of message.fields)
        if (held && held.typeName.startsWith('zhengzhao.')) expect(named).toContain(held.typeName);
  });

  it('R51 gives each field the type that it has in the contract', () => {
    for (const [entry, field] of every) {
      const descriptor = descriptorOf(entry, field);
      const many = 'many' in field && field.many;
      const name = `${entry.message.name}.${field.name}`;
      expect([name, typeAsWritten(field), many]).toEqual([
        name,
        typeInContract(descriptor),
        descriptor.fieldKind === 'list',
      ]);
      if (field.type === 'choice') expect(descriptor.enum?.typeName).toBe(field.values.typeName);
      if (field.type === 'part')
        expect(descriptor.message?.typeName).toBe(field.of.message.typeName);
      const comment = commentOf(entry, field);
      expect([name, field.type === 'date']).toEqual([name, comment.includes('`YYYY-MM-DD`')]);
      expect([name, field.type === 'fen']).toEqual([name, comment.includes('in 分')]);
    }
  });

  it('R51 has the Chinese terms and abbreviations that the contract documents', () => {
    for (const [entry, field] of every) {
      const name = `${entry.message.name}.${field.name}`;
      const comment = commentOf(entry, field);
      expect([name, field.term]).toEqual([name, termOf(comment)]);
      expect([name, field.abbreviations]).toEqual([name, abbreviationsOf(comment)]);
    }
  });

  it('R51 has the lengths that the contract documents and the validator enforces', () => {
    for (const [entry, field] of every) {
      const name = `${entry.message.name}.${field.name}`;
      const length = field.type === 'text' ? field.length : undefined;
      const documented = lengthOf(commentOf(entry, field));
      if (documented !== undefined) expect([name, length]).toEqual([name, documented]);
      for (const spec of (SPECS[entry.message.name] ?? []).flat())
        if (spec.name === field.name && spec.kind === 'text')
          expect([name, length]).toEqual([name, spec.max]);
    }
  });

  it('R51 knows every field that the validator checks, by the same kind', () => {
    const kinds = { text: 'text', code: 'text', date: 'date', choice: 'choice' } as const;
    for (const { message, fields } of DICTIONARY)
      for (const spec of (SPECS[message.name] ?? []).flat())
        expect([message.name, spec.name, kinds[spec.kind]]).toEqual([
          message.name,
          spec.name,
          fields.find(({ name }) => name === spec.name)?.type,
        ]);
  });
});

describe('tables of the libraries', () => {
  let libraries: TestLibraries;
  let foreign: ForeignDatabase;
  beforeAll(async () => {
    libraries = await freshLibraries();
    foreign = await foreignDatabase();
    await prepareForeign(foreign.knex);
  });
  afterAll(async () => {
    await foreign.drop();
    await libraries.drop();
  });

  /** Name, type and comment of the columns that a table has; the hub's own ones left out. */
  async function columnsIn(
    knex: TestLibraries['knex'],
    schema: string,
    { name, own }: Table,
  ): Promise<unknown[]> {
    const { rows } = await knex.raw<{ rows: { name: string }[] }>(
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
              col_description(a.attrelid, a.attnum) as comment
         from pg_attribute a where a.attrelid = format('%I.%I', ?::text, ?::text)::regclass
          and a.attnum > 0 and not a.attisdropped order by a.attnum`,
      [schema, name],
    );
    const hubs = new Set(own.map((definition) => definition.split(' ')[0]));
    return rows.filter((row) => !hubs.has(row.name));
  }

  function columnsWanted({ columns }: Table): unknown[] {
    const long: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone' };
    return columns.map(({ name, sqlType, comment }) => ({
      name,
      type: long[sqlType] ?? sqlType,
      comment,
    }));
  }

  it('R47 R50 R51 have the columns, types and terms of the dictionary, and no others', async () => {
    for (const table of [FEED, FEED_ITEMS])
      expect(await columnsIn(libraries.knex, libraries.share, table)).toEqual(columnsWanted(table));
    for (const table of REPORT_TABLES)
      expect(await columnsIn(libraries.knex, libraries.report, table)).toEqual(
        columnsWanted(table),
      );
  });

  it('R50 R51 are the same in the database of a business system', async () => {
    for (const table of REPORT_TABLES)
      expect(await columnsIn(foreign.knex, 'report', table)).toEqual(columnsWanted(table));
  });

  it('R51 hold every field but those that are not shared', () => {
    const columns = (entry: Entry): string[] => columnsOf(entry).map(({ name }) => name);
    const registration = DICTIONARY.find(({ message }) => message.name === 'RegistrationEvent')!;
    const shared = new Set(FEED.columns.map(({ name }) => name));
    expect(columns(registration).filter((name) => !shared.has(name))).toEqual([
      'permit_items',
      'tel',
      'postal_code',
    ]);
    for (const { body, columns: held } of REPORT_TABLES) {
      const entry = DICTIONARY.find(({ message }) => message.name.toLowerCase() === body)!;
      expect(held.map(({ name }) => name)).toEqual(expect.arrayContaining(columns(entry)));
    }
  });

  it('R51 are made by the migrations of this version', () => {
    // When this fails, the dictionary or the tables changed: a new migration must run the statements
    // again (they add what is missing), and the digest of what it runs goes here.
    const { share, report } = libraryNames('hub');
    const digest = (sql: string): string =>
      createHash('sha256').update(sql).digest('hex').slice(0, 12);
    expect([digest(shareSql(share)), digest(reportSql(report))]).toEqual([
      'c2ff0ae8a882',
      'f13fbcb88e69',
    ]);
  });
});
