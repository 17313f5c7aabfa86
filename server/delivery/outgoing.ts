import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliverySchema, type Delivery } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { isRecordKind } from '../domain/message.js';
import { mayGoUp } from '../domain/upward-filter.js';
import type { ClaimedDelivery } from '../storage/outbox.js';

/**
 * The second gate (R55): whether a claimed delivery may still leave. Upward it may only with a
 * mark that says public now; a withdrawal, which has no content, always may; a message whose
 * content was deleted has nothing to send.
 */
export function mayLeave(claimed: ClaimedDelivery, upward: boolean): boolean {
  if (claimed.action === DeliveryAction.WITHDRAW) return true;
  if (claimed.payload === null) return false;
  return !upward || mayGoUp(claimed.messageKind, claimed.nonPublic);
}

/** The record without its cleared mark, and without citations of licences that are not public (D5, D7). */
function redact(record: Record, citesNonPublic: boolean): Record {
  const copy: Record = { ...record, nonPublic: false, nonPublicBasis: '' };
  if (!citesNonPublic) return copy;
  if (copy.body.case === 'inspection')
    copy.body = { case: 'inspection', value: { ...copy.body.value, relatedLicenceNo: '' } };
  if (copy.body.case === 'penalty')
    copy.body = {
      case: 'penalty',
      value: { ...copy.body.value, relatedLicenceNo: '', licenceNameNo: '' },
    };
  return copy;
}

/** Stored bytes as they are, or a redacted copy where the upward filter asks for one. */
function content(
  claimed: ClaimedDelivery,
  upward: boolean,
): { payload: Uint8Array; redacted: boolean } {
  const stored = claimed.payload ?? new Uint8Array();
  const marked = claimed.contentMarked === true && claimed.nonPublic === false;
  const redacted =
    upward && isRecordKind(claimed.messageKind) && (marked || claimed.citesNonPublic);
  if (!redacted) return { payload: stored, redacted };
  const copy = redact(fromBinary(RecordSchema, stored), claimed.citesNonPublic);
  return { payload: toBinary(RecordSchema, copy), redacted };
}

/** A claimed delivery as it is sent to the next node. */
export function toDelivery(claimed: ClaimedDelivery, node: string, upward: boolean): Delivery {
  const common = {
    messageId: claimed.messageId,
    sourceNode: claimed.sourceNode,
    kind: claimed.messageKind,
    action: claimed.action,
    rule: claimed.rule,
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
    ...content(claimed, upward),
    orderKey: createHash('sha256').update(claimed.entity).digest('base64url').slice(0, 12),
    digest: claimed.digest,
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
