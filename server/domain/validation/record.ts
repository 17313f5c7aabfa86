import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import type { ValidationContext } from './context.js';
import { checkEnvelope } from './envelope.js';
import { compileFields, isBlank } from './field-checks.js';
import { text, type FieldSpec } from './field-specs.js';
import { checkFiling } from './filing.js';
import { checkInspection } from './inspection.js';
import { checkLicence } from './licence.js';
import type { MessageFindings } from './message-findings.js';
import { checkPenalty } from './penalty.js';
import { refuseUnknownFields } from './unknown-fields.js';

/** Field table of what stands beside envelope and body. */
export const RECORD_FIELDS: readonly FieldSpec<EnterpriseRecord>[] = [
  text(['non_public_basis', '不公示依据', 'basis of the mark'], (r) => r.nonPublicBasis, 500, {
    multiline: true,
    appliesTo: (r) => r.nonPublic,
  }),
];

const checkFields = compileFields(RECORD_FIELDS);

/** All stateless rules of a record of any class. */
export function checkRecord(
  record: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  // Of a filing they have a rule of their own (R44).
  if (record.body.case !== 'filing') refuseUnknownFields(RecordSchema, record, found);
  checkEnvelope(record.envelope, context, found);
  checkFields(record, '', context, found);
  // The mark itself stays what it is: a record is never made public by refusing the mark (R55).
  if (record.nonPublic && isBlank(record.nonPublicBasis)) {
    found.add('NON_PUBLIC_WITHOUT_BASIS', 'non_public_basis');
  }
  // A basis and no mark: nobody can tell which of the two was meant, and what is unknown is not public.
  if (!record.nonPublic && !isBlank(record.nonPublicBasis)) {
    found.add('BASIS_WITHOUT_MARK', 'non_public');
  }
  checkBody(record, context, found);
}

function checkBody(
  record: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const { body } = record;
  switch (body.case) {
    case 'licence':
      return checkLicence(body.value, record, context, found);
    case 'filing':
      return checkFiling(body.value, record, context, found);
    case 'inspection':
      return checkInspection(body.value, record, context, found);
    case 'penalty':
      return checkPenalty(body.value, record, context, found);
    case undefined:
      return found.add('BODY_REQUIRED', 'body');
  }
}
