import type { Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { Counterpart, PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { normaliseUscc } from './identifiers/uscc.js';

/** The classes of record that travel with a not-public mark (R5, D5). */
export type RecordKind =
  MessageKind.LICENCE | MessageKind.FILING | MessageKind.INSPECTION | MessageKind.PENALTY;

/** A message as it was decoded, by class. */
export type Message =
  | { readonly kind: MessageKind.REGISTRATION; readonly registration: RegistrationEvent }
  | { readonly kind: RecordKind; readonly record: Record }
  | { readonly kind: MessageKind.PUBLICITY_CHANGE; readonly change: PublicityChange };

/** Names a record at every node: class, deciding authority, business key. */
export interface RecordKey {
  readonly kind: RecordKind;
  readonly ownerOrg: string;
  readonly businessKey: string;
}

/** What the hub needs to know of any message, whatever its class. */
export interface MessageHead {
  readonly kind: MessageKind;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly sourceOrg: string;
  /** Deciding authority; for a registration the source node. */
  readonly ownerOrg: string;
  readonly businessKey: string;
  readonly recordVersion: number;
  /** The enterprise, as the lane in which order is kept (D14): code, else old number, else name. */
  readonly entity: string;
}

/** The four classes with a body of their own. */
export function isRecordKind(kind: MessageKind): kind is RecordKind {
  return kind >= MessageKind.LICENCE && kind <= MessageKind.PENALTY;
}

/** Class of a record by its body; undefined when it has none. */
export function kindOfRecord(record: Record): RecordKind | undefined {
  switch (record.body.case) {
    case 'licence':
      return MessageKind.LICENCE;
    case 'filing':
      return MessageKind.FILING;
    case 'inspection':
      return MessageKind.INSPECTION;
    case 'penalty':
      return MessageKind.PENALTY;
    case undefined:
      return undefined;
  }
}

/** Code of the authority that decided a record; empty when the record has no body. */
function ownerOf(record: Record): string {
  switch (record.body.case) {
    case 'licence':
      return record.body.value.licAuthorityCode;
    case 'filing':
      return record.body.value.filingAuthorityCode;
    case 'inspection':
      return record.body.value.inspAuthorityCode;
    case 'penalty':
      return record.body.value.authorityCode;
    case undefined:
      return '';
  }
}

/** Whom a record is about, as it was written. A filing names the code only. */
export interface Party {
  readonly uscc: string;
  readonly regNo: string;
  readonly entName: string;
  readonly regOrg: string;
}

/** Whom a record is about that names nobody. */
export const NOBODY: Party = { uscc: '', regNo: '', entName: '', regOrg: '' };

function partyFrom(counterpart: Counterpart | undefined): Party {
  if (!counterpart) return NOBODY;
  return {
    uscc: normaliseUscc(counterpart.uscc),
    regNo: counterpart.regNo.trim(),
    entName: counterpart.entName,
    regOrg: counterpart.regOrg,
  };
}

/** Whom a record is about. */
export function partyOf(record: Record): Party {
  switch (record.body.case) {
    case 'licence':
    case 'inspection':
    case 'penalty':
      return partyFrom(record.body.value.counterpart);
    case 'filing':
      return { ...NOBODY, uscc: normaliseUscc(record.body.value.uscc) };
    case undefined:
      return NOBODY;
  }
}

/** The lane of a party. */
function entityOf(party: Party): string {
  return party.uscc || party.regNo || party.entName;
}

function headOf(envelope: Envelope | undefined): Omit<MessageHead, 'kind' | 'ownerOrg' | 'entity'> {
  return {
    sourceNode: envelope?.sourceNode ?? '',
    messageId: envelope?.messageId ?? '',
    sourceOrg: envelope?.sourceOrg ?? '',
    businessKey: envelope?.businessKey ?? '',
    recordVersion: Number(envelope?.recordVersion ?? 0n),
  };
}

/** The head of any message. A change of the mark names the record alone, so that it has no enterprise. */
export function readHead(message: Message): MessageHead {
  switch (message.kind) {
    case MessageKind.REGISTRATION: {
      const { registration } = message;
      const head = headOf(registration.envelope);
      const entity = normaliseUscc(registration.uscc);
      return { ...head, kind: message.kind, ownerOrg: head.sourceNode, entity };
    }
    case MessageKind.PUBLICITY_CHANGE: {
      const { change } = message;
      const ownerOrg = change.record?.ownerOrg ?? '';
      const businessKey = change.record?.businessKey ?? '';
      return { ...headOf(change.envelope), kind: message.kind, ownerOrg, businessKey, entity: '' };
    }
    default: {
      const { record } = message;
      const entity = entityOf(partyOf(record));
      return { ...headOf(record.envelope), kind: message.kind, ownerOrg: ownerOf(record), entity };
    }
  }
}

/** Whether it says that a record is not public: a change of the mark, or a version that carries it (D7). */
export function carriesMark(message: Message): boolean {
  switch (message.kind) {
    case MessageKind.REGISTRATION:
      return false;
    case MessageKind.PUBLICITY_CHANGE:
      return message.change.nonPublic;
    default:
      return message.record.nonPublic;
  }
}

/** One string per record, for maps. */
export function recordKeyText(key: RecordKey): string {
  return `${key.kind}\u0000${key.ownerOrg}\u0000${key.businessKey}`;
}
