import { toBinary, type DescMessage, type Message } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { PublicityChangeSchema, RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  bytesHoldUnknownFields,
  eachUnknownFields,
  hasUnknownFields,
} from '../../server/domain/unknown-fields.js';
import { UNKNOWN_NO, withUnknown } from '../support/unknown-field.js';
import { filled } from '../wire/filled.js';

/** What a client submits; of a record each body. */
const SUBMITTED: readonly (readonly [string, DescMessage, () => Message])[] = [
  ['a registration', RegistrationEventSchema, () => filled(RegistrationEventSchema)],
  ['a change of the mark', PublicityChangeSchema, () => filled(PublicityChangeSchema)],
  ...[0, 1, 2, 3].map(
    (body) => [`record ${body}`, RecordSchema, () => filled(RecordSchema, body)] as const,
  ),
];

/** Every message of the tree, found by what each object is, not by what the contract says of it. */
function messagesIn(value: unknown): Message[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const inner = Object.values(value).flatMap(messagesIn);
  return '$typeName' in value ? [value as Message, ...inner] : inner;
}

function toldOf(type: DescMessage, message: Message): [string, readonly number[]][] {
  const told: [string, readonly number[]][] = [];
  eachUnknownFields(type, message, (path, numbers) => told.push([path, numbers]));
  return told;
}

describe.each(SUBMITTED)('%s', (_, type, make) => {
  it('has none, decoded or as bytes', () => {
    expect(hasUnknownFields(type, make())).toBe(false);
    expect(toldOf(type, make())).toEqual([]);
    expect(bytesHoldUnknownFields(type, toBinary(type, make()))).toBe(false);
  });

  it('R55 shows them in whatever message of its tree they are', () => {
    const places = messagesIn(make()).length;
    expect(places).toBeGreaterThan(2);
    const paths = new Set<string>();
    for (let place = 0; place < places; place += 1) {
      const message = make();
      withUnknown(withUnknown(messagesIn(message)[place], '一'), '二');
      expect(hasUnknownFields(type, message)).toBe(true);
      expect(bytesHoldUnknownFields(type, toBinary(type, message))).toBe(true);
      const told = toldOf(type, message);
      expect(told).toEqual([[expect.any(String), [UNKNOWN_NO]]]);
      paths.add(told[0]?.[0] ?? '?');
    }
    expect(paths.size).toBe(places);
    expect(paths).toContain('envelope.source_time');
  });

  it('R55 counts bytes that are no message of its type as holding some', () => {
    const bytes = toBinary(type, make());
    for (const cut of [1, 2, 3])
      expect(bytesHoldUnknownFields(type, bytes.subarray(0, bytes.length - cut))).toBe(true);
  });
});
