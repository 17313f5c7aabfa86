import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome, DeliverySchema } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { NATIONAL, type Network } from './nodes.js';
import type { PlannedRecord } from './plan.js';

/**
 * Plays a province whose filter failed: hands a record that is not public to the national node.
 * Undefined when the third gate refuses it as it must (VR24); otherwise what went wrong.
 */
export async function knockAtNationalDoor(
  { national }: Network,
  { at, kind, record }: PlannedRecord,
): Promise<string | undefined> {
  const payload = toBinary(RecordSchema, record);
  const delivery = create(DeliverySchema, {
    messageId: record.envelope?.messageId ?? '',
    sourceNode: record.envelope?.sourceNode ?? '',
    kind,
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
    rule: 'UP-NAMED',
  });
  const { results } = await national.exchange.deliver({
    fromNode: at,
    toNode: NATIONAL,
    deliveries: [delivery],
  });
  const [result] = results;
  const refused =
    result?.outcome === DeliveryOutcome.REFUSED &&
    result.refusal?.reason === ErrorReason.NON_PUBLIC_UPWARD;
  return refused ? undefined : '总局未拒收不公示信息 · the national door took what is not public';
}
