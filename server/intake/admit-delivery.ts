import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, type Delivery, type Hop } from '#gen/zhengzhao/v1/exchange_pb.js';
import {
  PublicityChangeSchema,
  RecordSchema,
  type PublicityChange,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Arrival } from '../domain/decision/decision.js';
import { HubError } from '../domain/errors.js';
import { hasError } from '../domain/finding.js';
import {
  isRecordKind,
  readHead,
  type Message,
  type MessageHead,
  type RecordKey,
} from '../domain/message.js';
import { GIVEN_BACK, HIGHEST_REVISION } from '../domain/restoration.js';
import { mayGoUp } from '../domain/upward-filter.js';
import { validateRelayed, type ValidationContext } from '../domain/validation/validator.js';
import type { StoredHop } from '../storage/messages.js';
import { FROM_CLIENT, sha256, validationError } from './admission.js';
import type { Submission } from './submission.js';

/** Who hands a delivery over. */
export interface Neighbour {
  readonly node: string;
  readonly side: 'province' | 'national';
}

/**
 * A delivery from another node. The province that took a message in has judged it; here only
 * identity, integrity and the third gate are checked (R55): at the national door a record that is
 * not plainly public is refused before anything of it is kept. Throws HubError.
 */
export function admitDelivery(
  delivery: Delivery,
  from: Neighbour,
  context: ValidationContext,
  call: symbol,
): Submission {
  const arrival: Arrival = {
    side: from.side,
    origin: from.node,
    attribution: attributionOf(delivery),
    revision: revisionOf(delivery),
    sentAgain: delivery.sentAgain,
  };
  const hops = delivery.hops.map(hopOf);
  if (delivery.action === DeliveryAction.WITHDRAW)
    return withdrawalOf(delivery, arrival, hops, call);
  if (delivery.action !== DeliveryAction.CARRY) throw undecodable();
  const message = decode(delivery);
  guardNationalDoor(message, from, context);
  const findings = validateRelayed(message.kind, contentOf(message), context);
  if (hasError(findings)) throw validationError(findings);
  const head = readHead(message);
  requireIntegrity(delivery, head);
  const givenBack = delivery.rule === GIVEN_BACK && head.sourceNode === context.node;
  return {
    head,
    message,
    withdrawn: undefined,
    payload: delivery.payload,
    redacted: delivery.redacted,
    digest: delivery.digest,
    // What this node took from a client before it was restored is taken as it was then.
    arrival: givenBack ? { ...FROM_CLIENT, givenBackBy: from.node } : arrival,
    // The first is this node's own: the day on which it was reported stays what it was.
    hops: givenBack ? hops.slice(0, 1) : hops,
    warnings: [],
    orderKey: delivery.orderKey || head.entity,
    call,
  };
}

function attributionOf({ attribution }: Delivery): Arrival['attribution'] {
  if (attribution?.state !== NamingState.NAMED) return undefined;
  return {
    uscc: attribution.uscc,
    node: attribution.node,
    method: attribution.method,
    atMs: instantOf(attribution.attributedAt)?.getTime() ?? 0,
  };
}

/** Throws UNDECODABLE for a moment that no calendar has. */
function instantOf(timestamp: Timestamp | undefined): Date | undefined {
  const date = timestamp && timestampDate(timestamp);
  if (date && Number.isNaN(date.getTime())) throw undecodable();
  return date;
}

/** Throws UNDECODABLE for a hop without its moment: stored so, it could never be sent on. */
function hopOf({ node, acceptedAt }: Hop): StoredHop {
  const at = instantOf(acceptedAt);
  if (!at) throw undecodable();
  return { node, at: at.toISOString() };
}

/** Refuses a revision after which no change of the mark could follow. */
function beyondAllChanges(): HubError {
  return new HubError(ErrorReason.UNDECODABLE, {
    zh: '不公示标记的修订号超出合理范围。',
    en: 'The revision of the not-public mark is beyond all reason.',
  });
}

function revisionOf({ publicityRevision }: Delivery): number {
  const revision = Number(publicityRevision);
  if (!Number.isSafeInteger(revision) || revision < 0) throw undecodable();
  if (revision > HIGHEST_REVISION) throw beyondAllChanges();
  return revision;
}

function contentOf(message: Message): RegistrationEvent | Record | PublicityChange {
  if (message.kind === MessageKind.REGISTRATION) return message.registration;
  return message.kind === MessageKind.PUBLICITY_CHANGE ? message.change : message.record;
}

function undecodable(cause?: unknown): HubError {
  return new HubError(
    ErrorReason.UNDECODABLE,
    {
      zh: '内容无法解码或消息类别未知。',
      en: 'The content can not be decoded, or its kind is unknown.',
    },
    { cause },
  );
}

function decode({ kind, payload }: Delivery): Message {
  try {
    if (kind === MessageKind.REGISTRATION)
      return { kind, registration: fromBinary(RegistrationEventSchema, payload) };
    if (kind === MessageKind.PUBLICITY_CHANGE)
      return { kind, change: fromBinary(PublicityChangeSchema, payload) };
    if (isRecordKind(kind)) return { kind, record: fromBinary(RecordSchema, payload) };
  } catch (error) {
    throw undecodable(error);
  }
  throw undecodable();
}

/** The third gate. The refusal names no content, and the caller logs none (VR24). */
function guardNationalDoor(message: Message, from: Neighbour, context: ValidationContext): void {
  if (context.level !== 'national' || from.side !== 'province') return;
  if (message.kind === MessageKind.REGISTRATION) return;
  const mark = message.kind === MessageKind.PUBLICITY_CHANGE ? true : message.record.nonPublic;
  if (mayGoUp(message.kind, mark)) return;
  throw new HubError(ErrorReason.NON_PUBLIC_UPWARD, {
    zh: '不公示信息不得上报总局;内容未保存、未记录。',
    en: 'What is not public must not be reported upward; nothing of it was stored or logged.',
  });
}

/**
 * The envelope must be the one that was announced, and the bytes those of the digest, unless they were
 * rewritten on the way (D5).
 */
function requireIntegrity(delivery: Delivery, head: MessageHead): void {
  const announced =
    head.messageId === delivery.messageId && head.sourceNode === delivery.sourceNode;
  const intact =
    delivery.redacted || Buffer.compare(sha256(delivery.payload), delivery.digest) === 0;
  if (announced && intact) return;
  throw new HubError(ErrorReason.DIGEST_MISMATCH, {
    zh: '内容与编号或摘要不符,传输中可能损坏。',
    en: 'The content does not fit its id or digest; it may have been damaged on the way.',
  });
}

function withdrawalOf(
  delivery: Delivery,
  arrival: Arrival,
  hops: readonly StoredHop[],
  call: symbol,
): Submission {
  const { record, messageId, sourceNode } = delivery;
  if (!record || !isRecordKind(record.kind)) throw undecodable();
  if ([messageId, sourceNode, record.ownerOrg, record.businessKey].includes(''))
    throw undecodable();
  const key: RecordKey = {
    kind: record.kind,
    ownerOrg: record.ownerOrg,
    businessKey: record.businessKey,
  };
  return {
    head: {
      kind: MessageKind.PUBLICITY_CHANGE,
      sourceNode: delivery.sourceNode,
      messageId: delivery.messageId,
      sourceOrg: record.ownerOrg,
      ownerOrg: record.ownerOrg,
      businessKey: record.businessKey,
      recordVersion: 0,
      entity: '',
    },
    message: undefined,
    withdrawn: key,
    payload: new Uint8Array(),
    redacted: false,
    digest: new Uint8Array(),
    arrival,
    hops,
    warnings: [],
    orderKey: '',
    call,
  };
}
