import { clone, ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { isCitizenId, maskPersonalData } from './identifiers/personal-data.js';
import { minimised } from './registration/minimised.js';
import { cites } from './record/citation.js';

/**
 * Fields that hold an identifier and nothing else, by their names in the contract. Eleven digits of
 * a licence number are no phone number, so in them only a proven identity number is masked.
 */
const IDENTIFIER = /^(?:uscc|pripid|source_org|reg_org)$|(?<!^licence_name)_(?:id|key|no|code)$/;

function masked(name: string, text: string): string {
  if (IDENTIFIER.test(name) && !isCitizenId(text)) return text;
  return maskPersonalData(text);
}

/** A field whose value is a message or a list of messages, and the type of these. */
interface Part {
  readonly field: DescField;
  readonly type: DescMessage;
}

/** The fields of a message that hold text, and those that hold messages. */
interface Shape {
  readonly texts: readonly DescField[];
  readonly parts: readonly Part[];
}

/** Worked out once for each type. */
const shapes = new WeakMap<DescMessage, Shape>();

function shapeOf(type: DescMessage): Shape {
  let shape = shapes.get(type);
  if (!shape) {
    const texts = type.fields.filter((field) => field.scalar === ScalarType.STRING);
    const parts = type.fields.flatMap((field) =>
      field.message && field.fieldKind !== 'map' ? [{ field, type: field.message }] : [],
    );
    shapes.set(type, (shape = { texts, parts }));
  }
  return shape;
}

interface Values {
  readonly [field: string]: unknown;
}

/** The value of a field; a field of a choice has one when it was chosen. */
function valueOf(message: object, { oneof, localName }: DescField): unknown {
  if (!oneof) return (message as Values)[localName];
  const choice = (message as Values)[oneof.localName] as { case?: string; value?: unknown };
  return choice.case === localName ? choice.value : undefined;
}

function withValue<M extends object>(message: M, { oneof, localName }: DescField, value: unknown) {
  const changed = oneof
    ? { [oneof.localName]: { case: localName, value } }
    : { [localName]: value };
  return { ...message, ...changed };
}

/**
 * The message with every text masked, whatever field is added to it later (VR28). What needs no
 * mask, which is nearly everything, is not copied.
 */
function withMaskedTexts<M extends object>(type: DescMessage, message: M): M {
  const { texts, parts } = shapeOf(type);
  let shown = message;
  for (const field of texts) {
    const text = valueOf(message, field);
    const maskedText = maskedIn(text, (one) => masked(field.name, one as string));
    if (maskedText !== text) shown = withValue(shown, field, maskedText);
  }
  for (const { field, type: inner } of parts) {
    const part = valueOf(message, field);
    const maskedPart = maskedIn(part, (one) => withMaskedTexts(inner, one as object));
    if (maskedPart !== part) shown = withValue(shown, field, maskedPart);
  }
  return shown;
}

/** A value, or each of a list; the same one where nothing is masked. */
function maskedIn(value: unknown, mask: (one: unknown) => unknown): unknown {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return mask(value);
  const list: readonly unknown[] = value;
  const maskedList = list.map(mask);
  return maskedList.some((one, index) => one !== list[index]) ? maskedList : list;
}

/** A name as the public sees it: a former name is what somebody wrote as the content before (VR28). */
export function discloseName(name: string): string {
  return maskPersonalData(name);
}

/** A registration as the public sees it: minimised, texts masked (R17). */
export function discloseRegistration(event: RegistrationEvent): RegistrationEvent {
  return withMaskedTexts(RegistrationEventSchema, minimised(event));
}

/**
 * A public record as the public sees it: no trace of a cleared mark, texts masked, and no citation
 * of a licence that is not public (D5, D10). `hiddenLicenceNos`: numbers of such licences, in any
 * spelling.
 */
export function discloseRecord(record: Record, hiddenLicenceNos: readonly string[]): Record {
  const own = hiddenLicenceNos.length > 0 ? clone(RecordSchema, record) : record;
  blankCitations(own, hiddenLicenceNos);
  return withMaskedTexts(RecordSchema, { ...own, nonPublic: false, nonPublicBasis: '' });
}

/**
 * Blanks, in place, the citations of licences with these numbers, in whatever spelling; others stay
 * (D5). Returns whether there was one.
 */
export function blankCitations({ body }: Record, hiddenLicenceNos: readonly string[]): boolean {
  const citesHidden = (text: string): boolean => cites(text, hiddenLicenceNos);
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
