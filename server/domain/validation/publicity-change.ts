import { MessageKind, MessageKindSchema, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import {
  PublicityChangeSchema,
  type PublicityChange,
  type RecordKey,
} from '#gen/zhengzhao/v1/record_pb.js';
import type { ValidationContext } from './context.js';
import { checkEnvelope } from './envelope.js';
import { compileFields } from './field-checks.js';
import { choice, code, ORGANISATION, text, type FieldSpec } from './field-specs.js';
import type { MessageFindings } from './message-findings.js';
import { checkAuthorityCode, checkBusinessKey, checkSender } from './record-authority.js';
import { refuseUnknownFields } from './unknown-fields.js';

/** Field table of the name of a record. */
export const RECORD_KEY_FIELDS: readonly FieldSpec<RecordKey>[] = [
  choice(['kind', '消息类别', 'message kind'], (k) => k.kind, MessageKindSchema),
  code(['owner_org', '决定机关代码', 'deciding authority'], (k) => k.ownerOrg, ORGANISATION, {
    required: true,
    rule: 'VR23',
  }),
  text(['business_key', '业务主键', 'business key'], (k) => k.businessKey, 64, {
    required: true,
    isNumber: true,
  }),
];

/** Field table of what a change of the mark adds. */
export const PUBLICITY_CHANGE_FIELDS: readonly FieldSpec<PublicityChange>[] = [
  text(['basis', '依据', 'basis'], (c) => c.basis, 500, {
    required: true,
    rule: 'R55',
    multiline: true,
  }),
];

const checkKeyFields = compileFields(RECORD_KEY_FIELDS);
const checkFields = compileFields(PUBLICITY_CHANGE_FIELDS);

const RECORD_LABEL = { zh: '记录标识(record)', en: 'record key' };
const KIND_LABEL = { zh: '消息类别(kind)', en: 'message kind' };
const OWNER_LABEL = { zh: '决定机关代码(owner_org)', en: 'deciding authority' };
const KEY_LABEL = { zh: '记录标识的业务主键(record.business_key)', en: 'the key of the record' };

/** Classes of records that can be marked (D5). */
const RECORD_KINDS: ReadonlySet<MessageKind> = new Set([
  MessageKind.LICENCE,
  MessageKind.FILING,
  MessageKind.INSPECTION,
  MessageKind.PENALTY,
]);

/** All stateless rules of a change of the not-public mark (R55, D7). */
export function checkPublicityChange(
  change: PublicityChange,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const { envelope } = change;
  refuseUnknownFields(PublicityChangeSchema, change, found);
  checkEnvelope(envelope, context, found);
  if (envelope?.operation === Operation.DELETE) {
    found.add('OPERATION_NOT_APPLICABLE', 'envelope.operation');
  }
  checkRecordKey(change.record, context, found);
  checkFields(change, '', context, found);
  if (!change.record) return;
  const { businessKey, ownerOrg } = change.record;
  checkBusinessKey(envelope, businessKey, KEY_LABEL, found);
  checkSender(envelope, ownerOrg, found);
  checkAuthorityCode(ownerOrg, 'record.owner_org', OWNER_LABEL, found);
}

/** Whether the key names a record that can exist. */
export function checkRecordKey(
  key: RecordKey | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  if (!key) {
    found.add('REQUIRED', 'record', { label: RECORD_LABEL });
    return;
  }
  checkKeyFields(key, 'record.', context, found);
  const isKnown = MessageKindSchema.value[key.kind] !== undefined;
  if (key.kind !== MessageKind.UNSPECIFIED && isKnown && !RECORD_KINDS.has(key.kind)) {
    found.add('CODE_UNKNOWN', 'record.kind', { label: KIND_LABEL, value: key.kind });
  }
}
