import { toBinary, type DescMessage, type Message } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { PublicityChangeSchema, RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { holdsUnjudged, statesBasisAlone } from '../../server/delivery/outgoing.js';
import {
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { withUnknown } from '../support/unknown-field.js';

const SENT: readonly [MessageKind, DescMessage, () => Message][] = [
  [MessageKind.REGISTRATION, RegistrationEventSchema, () => validRegistration()],
  [MessageKind.LICENCE, RecordSchema, () => validLicence()],
  [MessageKind.FILING, RecordSchema, () => validFiling()],
  [MessageKind.INSPECTION, RecordSchema, () => validInspection()],
  [MessageKind.PENALTY, RecordSchema, () => validPenalty()],
  [MessageKind.PUBLICITY_CHANGE, PublicityChangeSchema, () => validPublicityChange()],
];

describe.each(SENT)('R55 what a client reported of kind %s', (messageKind, type, build) => {
  const unjudged = (message: Message, hops: number): boolean =>
    holdsUnjudged({
      messageKind,
      payload: Buffer.from(toBinary(type, message)),
      hops: Array.from({ length: hops }, () => ({ node: '330000', at: '2026-01-05T01:00:00Z' })),
    });

  it('leaves as it is stored when this version knows all of it', () => {
    expect(unjudged(build(), 0)).toBe(false);
  });

  it('does not when it has a field that this version has not, unless another node brought it', () => {
    const message = withUnknown(build(), '后续版本的字段');
    expect(unjudged(message, 0)).toBe(true);
    expect(unjudged(message, 1)).toBe(false);
  });
});

describe('R55 the basis of a record that is not marked', () => {
  const stated = (nonPublicBasis: string, nonPublic: boolean | null, hops = 0): boolean =>
    statesBasisAlone({
      messageKind: MessageKind.LICENCE,
      nonPublic,
      payload: Buffer.from(toBinary(RecordSchema, validLicence({}, { nonPublicBasis }))),
      hops: Array.from({ length: hops }, () => ({ node: '330000', at: '2026-01-05T01:00:00Z' })),
    });

  it('is found, unless another node brought it', () => {
    expect(stated('涉及商业秘密', false)).toBe(true);
    expect(stated('涉及商业秘密', false, 1)).toBe(false);
  });

  it('is not looked for where there is a mark, which holds the record back, nor found where there is none', () => {
    for (const nonPublic of [true, null]) expect(stated('涉及商业秘密', nonPublic)).toBe(false);
    for (const none of ['', '无', '\u200B']) expect(stated(none, false)).toBe(false);
  });
});
