import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import type { Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { RowMessage } from './message.js';

/**
 * The id of a message whose row states none: a UUID (version 8) made of who sends what in which
 * version. Sending a file again, or a mended one, gives the same ids, so nothing is applied twice; two
 * rows of one key and version with different content are refused as MESSAGE_ID_REUSED.
 */
export function derivedId(kind: string, envelope: Envelope, message: RowMessage): string {
  const { sourceNode, sourceOrg, businessKey, recordVersion } = envelope;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([kind, sourceNode, sourceOrg, businessKey, String(recordVersion)]));
  // Without a key there is nothing but the content to tell messages apart by.
  if (businessKey === '') hash.update(bytesOf(message));
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A message as it is sent. */
export function bytesOf(message: RowMessage): Uint8Array {
  return message.$typeName === 'zhengzhao.v1.Record'
    ? toBinary(RecordSchema, message)
    : toBinary(RegistrationEventSchema, message);
}
