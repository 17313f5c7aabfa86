import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliverySchema, type Delivery } from '#gen/zhengzhao/v1/exchange_pb.js';
import { PublicityChangeSchema, RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { isRecordKind } from '../domain/message.js';
import { statesBasis } from '../domain/record/non-public-basis.js';
import { bytesHoldField, bytesHoldUnknownFields } from '../domain/unknown-fields.js';
import type { ClaimedDelivery } from '../storage/delivery-claims.js';

/**
 * Whether it is about a mark alone: it neither waits for others of its enterprise nor keeps them waiting,
 * because the revision of the mark tells what counts (D7, F20).
 */
export function passesOthers({ action, messageKind }: ClaimedDelivery): boolean {
  return action === DeliveryAction.WITHDRAW || messageKind === MessageKind.PUBLICITY_CHANGE;
}

/** Gives the content the mark as it is now; whoever reads the content alone must not be wrong (D7). */
export function putMark(record: Record, nonPublic: boolean): boolean {
  const fits = record.nonPublic === nonPublic && (nonPublic || !statesBasis(record.nonPublicBasis));
  if (fits) return false;
  record.nonPublic = nonPublic;
  if (!nonPublic) record.nonPublicBasis = '';
  return true;
}

/** Whether the content may have to be rewritten, so that it must be read; most leaves as it was stored. */
export function needsReading(claimed: ClaimedDelivery, upward: boolean): boolean {
  if (upward && (holdsUnjudged(claimed) || statesBasisAlone(claimed))) return true;
  if (!isRecordKind(claimed.messageKind) || claimed.nonPublic === null) return false;
  if (claimed.nonPublic || claimed.contentMarked === true) return true;
  return upward && CITING.includes(claimed.messageKind);
}

/** What the content of a message is an instance of. */
export function contentSchemaOf({
  messageKind,
}: Pick<ClaimedDelivery, 'messageKind'>):
  typeof RegistrationEventSchema | typeof RecordSchema | typeof PublicityChangeSchema {
  if (messageKind === MessageKind.REGISTRATION) return RegistrationEventSchema;
  return messageKind === MessageKind.PUBLICITY_CHANGE ? PublicityChangeSchema : RecordSchema;
}

/**
 * Whether a message that a client reported here has fields which this version has not, so that nobody could
 * judge what they say: a version before the refusal of such took them. What came by another node has
 * been at the node above, where it may be understood.
 */
export function holdsUnjudged(
  claimed: Pick<ClaimedDelivery, 'messageKind' | 'payload' | 'hops'>,
): boolean {
  if (claimed.payload === null || claimed.hops.length > 0) return false;
  return bytesHoldUnknownFields(contentSchemaOf(claimed), claimed.payload);
}

/**
 * Whether a record that a client reported here states why it is not public without being marked: a version
 * before the refusal of such took it. What the basis says leaves as little as that of a mark that was cleared.
 */
export function statesBasisAlone(
  claimed: Pick<ClaimedDelivery, 'messageKind' | 'nonPublic' | 'payload' | 'hops'>,
): boolean {
  const { messageKind, nonPublic, payload, hops } = claimed;
  if (payload === null || nonPublic !== false || hops.length > 0) return false;
  // Nearly none has one, and to look for it is far cheaper than to decode them all.
  if (!isRecordKind(messageKind) || !bytesHoldField(BASIS, payload)) return false;
  try {
    return statesBasis(fromBinary(RecordSchema, payload).nonPublicBasis);
  } catch {
    // What can't be read is refused further on, with its reason.
    return true;
  }
}

const BASIS = RecordSchema.field.nonPublicBasis.number;

/** Kinds of records that may cite a licence (D5). */
const CITING: readonly MessageKind[] = [MessageKind.INSPECTION, MessageKind.PENALTY];

/** Whether it may cite a licence. */
export function mayCite({ action, messageKind }: ClaimedDelivery): boolean {
  return action === DeliveryAction.CARRY && CITING.includes(messageKind);
}

/** A claimed delivery, and what is sent of it. */
export interface Outgoing {
  readonly claimed: ClaimedDelivery;
  readonly delivery: Delivery;
}

/** Content on its way to another node. */
export interface LeavingContent {
  readonly payload: Uint8Array;
  /** Under which the other node is to know the message. */
  readonly digest: Uint8Array;
  /** The payload is not what the digest is of, or not what its source sent. */
  readonly redacted: boolean;
}

/**
 * Stored bytes as they are, or a copy with the mark of today. On the way up what `prepareCopies` made
 * of it. Throws when the stored bytes can't be read.
 */
function contentOf(
  claimed: ClaimedDelivery,
  upward: boolean,
  copy: LeavingContent | undefined,
): LeavingContent {
  if (copy) return copy;
  const { payload, redacted, digest } = claimed;
  const asStored = { payload: payload ?? new Uint8Array(), redacted, digest };
  if (!needsReading(claimed, upward)) return asStored;
  if (upward) throw new Error('The stored content was not read.');
  const record = fromBinary(RecordSchema, asStored.payload);
  if (!putMark(record, claimed.nonPublic === true)) return asStored;
  // Downward nothing is hidden (R54), and the digest is that by which it may come up again.
  return { payload: toBinary(RecordSchema, record), redacted: true, digest };
}

/** A claimed delivery as it is sent to the next node; `copy`: what was prepared of it, if anything was. */
export function toDelivery(
  claimed: ClaimedDelivery,
  node: string,
  upward: boolean,
  copy?: LeavingContent,
): Delivery {
  const common = {
    messageId: claimed.messageId,
    sourceNode: claimed.sourceNode,
    kind: claimed.messageKind,
    action: claimed.action,
    rule: claimed.rule,
    sentAgain: claimed.sentAgain,
    publicityRevision: BigInt(claimed.revision),
    hops: [
      ...claimed.hops.map((hop) => ({
        node: hop.node,
        acceptedAt: timestampFromDate(new Date(hop.at)),
      })),
      { node, acceptedAt: timestampFromDate(claimed.acceptedAt) },
    ],
  };
  if (claimed.action === DeliveryAction.WITHDRAW)
    return create(DeliverySchema, {
      ...common,
      record: {
        kind: claimed.recordKind,
        ownerOrg: claimed.ownerOrg,
        businessKey: claimed.businessKey,
      },
    });
  return create(DeliverySchema, {
    ...common,
    ...contentOf(claimed, upward, copy),
    orderKey: createHash('sha256').update(claimed.entity).digest('base64url').slice(0, 12),
    ...(upward && claimed.namedUscc !== null && { attribution: attributionOf(claimed) }),
  });
}

function attributionOf(claimed: ClaimedDelivery) {
  return {
    state: NamingState.NAMED,
    uscc: claimed.namedUscc ?? '',
    node: claimed.namedBy ?? '',
    method: claimed.namingMethod ?? '',
    ...(claimed.namedAt && { attributedAt: timestampFromDate(claimed.namedAt) }),
  };
}
