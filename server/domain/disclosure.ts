import { clone, ScalarType } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { isCitizenId, maskPersonalData } from './identifiers/personal-data.js';

/**
 * Fields that hold an identifier and nothing else, by their names in the contract. Eleven digits of
 * a licence number are no phone number, so in them only a proven identity number is masked.
 */
const IDENTIFIER = /^(?:uscc|pripid|source_org|reg_org)$|(?<!^licence_name)_(?:id|key|no|code)$/;

function masked(name: string, text: string): string {
  if (IDENTIFIER.test(name) && !isCitizenId(text)) return text;
  return maskPersonalData(text);
}

/** Masks every text of a message, whatever field is added to it later (VR28). */
function maskTexts(message: ReflectMessage): void {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === 'message') maskTexts(message.get(field));
    if (field.fieldKind === 'list' && field.listKind === 'message')
      for (const item of message.get(field)) maskTexts(item as ReflectMessage);
    if (field.fieldKind !== 'scalar' || field.scalar !== ScalarType.STRING) continue;
    const text = message.get(field) as string;
    const shown = masked(field.name, text);
    if (shown !== text) message.set(field, shown);
  }
}

/** A registration as the public sees it: without telephone and postal code, texts masked (R17). */
export function discloseRegistration(event: RegistrationEvent): RegistrationEvent {
  const shown = clone(RegistrationEventSchema, event);
  shown.tel = '';
  shown.postalCode = '';
  maskTexts(reflect(RegistrationEventSchema, shown));
  return shown;
}

/**
 * A public record as the public sees it: no trace of a cleared mark, texts masked, and no citation
 * of a licence that is not public (D5, D10). `hiddenLicenceNos`: numbers of such licences of the
 * enterprise.
 */
export function discloseRecord(record: Record, hiddenLicenceNos: readonly string[]): Record {
  const shown = clone(RecordSchema, record);
  shown.nonPublic = false;
  shown.nonPublicBasis = '';
  blankCitations(shown, hiddenLicenceNos);
  maskTexts(reflect(RecordSchema, shown));
  return shown;
}

/**
 * Blanks, in place, the citations of licences with these numbers; others stay (D5). Returns whether
 * there was one.
 */
export function blankCitations({ body }: Record, hiddenLicenceNos: readonly string[]): boolean {
  const citesHidden = (text: string): boolean =>
    hiddenLicenceNos.some((number) => text.includes(number));
  let blanked = false;
  if (body.case === 'inspection' || body.case === 'penalty')
    if (citesHidden(body.value.relatedLicenceNo)) {
      body.value.relatedLicenceNo = '';
      blanked = true;
    }
  if (body.case === 'penalty' && citesHidden(body.value.licenceNameNo)) {
    body.value.licenceNameNo = '';
    blanked = true;
  }
  return blanked;
}
/** Civil date of the decision, filing or inspection; empty when the record has no body. */
export function decisionDateOf({ body }: Record): string {
  switch (body.case) {
    case 'licence':
      return body.value.decisionDate;
    case 'filing':
      return body.value.filingDate;
    case 'inspection':
      return body.value.inspDate;
    case 'penalty':
      return body.value.decDate;
    case undefined:
      return '';
  }
}
