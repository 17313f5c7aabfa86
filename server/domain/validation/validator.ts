/**
 * The one validator (§5 VR1–VR31 as far as they need no stored state). Each function answers every
 * finding at once, in the order of the fields; errors refuse the message, warnings go with it.
 * Nothing here throws for a decoded message, reads a clock or changes what it is given.
 */
import {
  Operation,
  Severity,
  type Finding,
  type MessageKind,
} from '#gen/zhengzhao/v1/common_pb.js';
import {
  PublicityChangeSchema,
  RecordSchema,
  type PublicityChange,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { checkChangeAndCancellation } from './change-and-cancellation.js';
import type { ValidationContext } from './context.js';
import { checkEnvelope } from './envelope.js';
import { compileFields } from './field-checks.js';
import { checkFreeTradeZone } from './free-trade-zone.js';
import { MessageFindings } from './message-findings.js';
import { checkPermitItems } from './permit-items.js';
import { checkPublicityChange } from './publicity-change.js';
import { checkRecord } from './record.js';
import { REGISTRATION_FIELDS } from './registration-fields.js';
import { checkRegistrationRules } from './registration-rules.js';
import { checkRelayed, type RelayedMessage } from './relayed.js';
import { catalogueFor, checkScope } from './scope.js';
import { refuseUnknownFields } from './unknown-fields.js';

export type { ValidationContext } from './context.js';
export type { RelayedMessage } from './relayed.js';

const checkRegistrationFields = compileFields(REGISTRATION_FIELDS);

/** Findings about an establishment, change or cancellation. Empty: it is in order. */
export function validateRegistration(
  event: RegistrationEvent,
  context: ValidationContext,
): Finding[] {
  const found = new MessageFindings();
  const view = catalogueFor(event.apprDate, context);
  refuseUnknownFields(RegistrationEventSchema, event, found);
  checkEnvelope(event.envelope, context, found);
  if (event.envelope?.operation === Operation.DELETE)
    found.add('REGISTRATION_NOT_DELETABLE', 'envelope.operation');
  checkRegistrationFields(event, '', context, found);
  checkRegistrationRules(event, '', context, found);
  checkScope(event, view, context, found);
  checkFreeTradeZone(event, '', context, found);
  checkPermitItems(event, view, context, found);
  checkChangeAndCancellation(event, '', context, found);
  return found.inOrderOf(RegistrationEventSchema);
}

/** Findings about a licence, filing, inspection or penalty. Empty: it is in order. */
export function validateRecord(record: EnterpriseRecord, context: ValidationContext): Finding[] {
  const found = new MessageFindings();
  checkRecord(record, context, found);
  return found.inOrderOf(RecordSchema);
}

/** Findings about setting or clearing a not-public mark. Empty: it is in order. */
export function validatePublicityChange(
  change: PublicityChange,
  context: ValidationContext,
): Finding[] {
  const found = new MessageFindings();
  checkPublicityChange(change, context, found);
  return found.inOrderOf(PublicityChangeSchema);
}

/**
 * Errors of a message from another node: the structural minimum only (`checkRelayed`). Warnings
 * travel with the message from where it was judged and are not made again. Empty: it is in order.
 */
export function validateRelayed(
  kind: MessageKind,
  message: RelayedMessage,
  context: ValidationContext,
): Finding[] {
  const found = new MessageFindings();
  checkRelayed(kind, message, context, found);
  return found.inOrderOf(schemaOf(message)).filter(({ severity }) => severity === Severity.ERROR);
}

function schemaOf(
  message: RelayedMessage,
): typeof RegistrationEventSchema | typeof RecordSchema | typeof PublicityChangeSchema {
  switch (message.$typeName) {
    case 'zhengzhao.v1.RegistrationEvent':
      return RegistrationEventSchema;
    case 'zhengzhao.v1.Record':
      return RecordSchema;
    case 'zhengzhao.v1.PublicityChange':
      return PublicityChangeSchema;
  }
}
