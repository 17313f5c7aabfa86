import { Operation } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { showsNothing } from '../identifiers/text.js';
import { statesBasis } from '../record/non-public-basis.js';
import type { ValidationContext } from './context.js';
import { checkEnvelope } from './envelope.js';
import { compileFields } from './field-checks.js';
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
  if (record.nonPublic && showsNothing(record.nonPublicBasis)) {
    found.add('NON_PUBLIC_WITHOUT_BASIS', 'non_public_basis');
  }
  // Only the mark counts; but who gives a basis may have meant to set it, and what was published once
  // can't be taken back from those who read it. 无 and the like are no basis; a deletion publishes nothing.
  const deletes = record.envelope?.operation === Operation.DELETE;
  if (!record.nonPublic && !deletes && statesBasis(record.nonPublicBasis)) {
    found.add('BASIS_WITHOUT_MARK', 'non_public_basis');
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
