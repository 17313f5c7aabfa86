import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type {
  Counterpart,
  PublicityChange,
  Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ValidationContext } from './context.js';
import { checkCounterpartIdentity } from './counterpart.js';
import { checkRelayedEnvelope } from './envelope.js';
import { isBlank } from './field-checks.js';
import { refuseExtraData } from './filing.js';
import { checkUsccField, requireUscc } from './identity.js';
import type { MessageFindings } from './message-findings.js';
import { checkRecordKey } from './publicity-change.js';

/** A message that another node has judged and passed on. */
export type RelayedMessage = RegistrationEvent | EnterpriseRecord | PublicityChange;

const AUTHORITY_LABEL = { zh: '决定机关代码', en: 'code of the deciding authority' };
const COUNTERPART_LABEL = { zh: '行政相对人(counterpart)', en: 'counterpart' };

const KIND_OF_BODY = {
  licence: MessageKind.LICENCE,
  filing: MessageKind.FILING,
  inspection: MessageKind.INSPECTION,
  penalty: MessageKind.PENALTY,
} as const;

/** Never refuses for VR3: the node that took the message in has decided about it. */
const LENIENT = { strictOrgCode: false };

/**
 * The structural minimum between nodes: envelope, identity of the enterprise (VR1, VR2, VR6) and of
 * the record, fit of kind and content. Everything else was judged where the message came in, with
 * the clock and the catalogue of that node, and is not judged a second time.
 */
export function checkRelayed(
  kind: MessageKind,
  message: RelayedMessage,
  context: ValidationContext,
  found: MessageFindings,
): void {
  checkRelayedEnvelope(message.envelope, context, found);
  switch (message.$typeName) {
    case 'zhengzhao.v1.RegistrationEvent':
      requireKind(kind === MessageKind.REGISTRATION, found);
      return checkEnterprise(message.uscc, 'uscc', found);
    case 'zhengzhao.v1.Record':
      return checkRelayedRecord(kind, message, found);
    case 'zhengzhao.v1.PublicityChange':
      requireKind(kind === MessageKind.PUBLICITY_CHANGE, found);
      return checkRecordKey(message.record, context, found);
  }
}

function requireKind(fits: boolean, found: MessageFindings): void {
  if (!fits) found.add('KIND_MISMATCH', '');
}

function checkEnterprise(uscc: string, field: string, found: MessageFindings): void {
  if (requireUscc(uscc, field, found)) checkUsccField(uscc, field, LENIENT, found);
}

function checkRelayedRecord(
  kind: MessageKind,
  record: EnterpriseRecord,
  found: MessageFindings,
): void {
  const { body } = record;
  if (body.case === undefined) {
    found.add('BODY_REQUIRED', 'body');
    return;
  }
  requireKind(kind === KIND_OF_BODY[body.case], found);
  switch (body.case) {
    case 'licence':
      requireAuthority(body.value.licAuthorityCode, 'licence.lic_authority_code', found);
      return checkParty(body.value.counterpart, 'licence.counterpart', found);
    case 'filing':
      refuseExtraData(record, found);
      requireAuthority(body.value.filingAuthorityCode, 'filing.filing_authority_code', found);
      return checkEnterprise(body.value.uscc, 'filing.uscc', found);
    case 'inspection':
      requireAuthority(body.value.inspAuthorityCode, 'inspection.insp_authority_code', found);
      return checkParty(body.value.counterpart, 'inspection.counterpart', found);
    case 'penalty':
      requireAuthority(body.value.authorityCode, 'penalty.authority_code', found);
      return checkParty(body.value.counterpart, 'penalty.counterpart', found);
  }
}

/** The authority is part of the key of a record: without it no version could be told from another. */
function requireAuthority(code: string, field: string, found: MessageFindings): void {
  if (isBlank(code)) found.add('REQUIRED', field, { label: AUTHORITY_LABEL }, 'VR23');
}

function checkParty(
  counterpart: Counterpart | undefined,
  field: string,
  found: MessageFindings,
): void {
  if (counterpart) checkCounterpartIdentity(counterpart, field, LENIENT, found);
  else found.add('REQUIRED', field, { label: COUNTERPART_LABEL });
}
