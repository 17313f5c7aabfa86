import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { EnvelopeSchema } from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartSchema,
  FilingSchema,
  InspectionSchema,
  LicenceChangeSchema,
  LicenceSchema,
  PenaltySchema,
  PublicityChangeSchema,
  RecordKeySchema,
  RecordSchema,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  CancellationSchema,
  PermitItemRefSchema,
  RegistrationChangeSchema,
  RegistrationEventSchema,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { COUNTERPART_FIELDS } from '../../../server/domain/validation/counterpart.js';
import {
  ENVELOPE_CONTENT_FIELDS,
  ENVELOPE_IDENTITY_FIELDS,
} from '../../../server/domain/validation/envelope.js';
import { FILING_FIELDS } from '../../../server/domain/validation/filing.js';
import { INSPECTION_FIELDS } from '../../../server/domain/validation/inspection.js';
import {
  LICENCE_CHANGE_FIELDS,
  LICENCE_FIELDS,
} from '../../../server/domain/validation/licence-fields.js';
import { PENALTY_FIELDS } from '../../../server/domain/validation/penalty.js';
import {
  PUBLICITY_CHANGE_FIELDS,
  RECORD_KEY_FIELDS,
} from '../../../server/domain/validation/publicity-change.js';
import { RECORD_FIELDS } from '../../../server/domain/validation/record.js';
import {
  CANCELLATION_FIELDS,
  CHANGE_FIELDS,
  PERMIT_ITEM_FIELDS,
  REGISTRATION_FIELDS,
} from '../../../server/domain/validation/registration-fields.js';

interface Row {
  readonly name: string;
  readonly kind: string;
}

/** Each table with the fields that have a rule of their own elsewhere. */
const TABLES: readonly (readonly [DescMessage, readonly Row[], readonly string[]])[] = [
  [EnvelopeSchema, [...ENVELOPE_IDENTITY_FIELDS, ...ENVELOPE_CONTENT_FIELDS], ['schema_version']],
  [RegistrationEventSchema, REGISTRATION_FIELDS, ['uscc']],
  [PermitItemRefSchema, PERMIT_ITEM_FIELDS, []],
  [RegistrationChangeSchema, CHANGE_FIELDS, ['alt_item']],
  [CancellationSchema, CANCELLATION_FIELDS, []],
  [RecordSchema, RECORD_FIELDS, []],
  [CounterpartSchema, COUNTERPART_FIELDS, ['uscc']],
  [LicenceSchema, LICENCE_FIELDS, []],
  [LicenceChangeSchema, LICENCE_CHANGE_FIELDS, []],
  [FilingSchema, FILING_FIELDS, ['uscc']],
  [InspectionSchema, INSPECTION_FIELDS, []],
  [PenaltySchema, PENALTY_FIELDS, []],
  [PublicityChangeSchema, PUBLICITY_CHANGE_FIELDS, []],
  [RecordKeySchema, RECORD_KEY_FIELDS, []],
];

/** Strings and enums need a row; numbers, flags, lists and messages have rules of their own. */
function needsRow(field: DescField): boolean {
  return field.fieldKind === 'enum' || (field.fieldKind === 'scalar' && field.scalar === 9);
}

describe('R51 the field tables and the contract', () => {
  it.each(
    TABLES.map(([message, rows, elsewhere]) => ({ name: message.name, message, rows, elsewhere })),
  )('every text, code and choice of $name has its rule', ({ message, rows, elsewhere }) => {
    const ruled = [...rows.map(({ name }) => name), ...elsewhere].sort();
    expect(ruled).toEqual(
      message.fields
        .filter(needsRow)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('choices are enums of the contract and nothing else is', () => {
    for (const [message, rows] of TABLES) {
      for (const row of rows) {
        const field = message.fields.find(({ name }) => name === row.name);
        expect(field?.fieldKind === 'enum', `${message.name}.${row.name}`).toBe(
          row.kind === 'choice',
        );
      }
    }
  });
});
