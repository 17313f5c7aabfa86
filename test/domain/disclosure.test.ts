import { clone, equals, ScalarType, type DescMessage } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { discloseRecord, discloseRegistration } from '../../server/domain/disclosure.js';
import {
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';

/** An identity number, which is masked in whatever field it stands; of the standard, nobody's. */
const NUMBER = '11010519491231002X';
const SHOWN = `110${'*'.repeat(15)}`;

/** Every text of a message with its field, at any depth. */
function* textsOf(message: ReflectMessage): Generator<[holder: ReflectMessage, name: string]> {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === 'message') yield* textsOf(message.get(field));
    if (field.fieldKind === 'list' && field.listKind === 'message')
      for (const item of message.get(field)) yield* textsOf(item as ReflectMessage);
    if (field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING)
      yield [message, field.localName];
  }
}

function textAt(holder: ReflectMessage, name: string): string {
  return String((holder.message as unknown as { [name: string]: unknown })[name]);
}

const records = [validLicence(), validFiling(), validInspection(), validPenalty()];

describe('disclosure', () => {
  it('VR28 masks a number in any text, also of parts and lists, and touches neither the others nor the original', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<readonly [DescMessage, object]>(
          [RegistrationEventSchema, validRegistration()],
          ...records.map((record) => [RecordSchema, record] as const),
        ),
        fc.nat(),
        (...[[type, original], which]) => {
          const message = clone(type, original as never) as Record;
          const texts = [...textsOf(reflect(type, message))];
          const [holder, name] = texts[which % texts.length] ?? [];
          if (!holder || !name) throw new Error('a message without text');
          const field = holder.fields.find((one) => one.localName === name);
          holder.set(field!, NUMBER);
          const before = clone(type, message);
          const disclose = type === RecordSchema ? discloseRecord : discloseRegistration;
          const shown = disclose(message as never, []);

          expect(equals(type, message, before)).toBe(true);
          const hidden = ['tel', 'postalCode', 'ftzJudgedBy', 'nonPublicBasis'].includes(name);
          const shownTexts = [...textsOf(reflect(type, shown))].map((one) => textAt(...one));
          expect(shownTexts.filter((text) => text === NUMBER)).toEqual([]);
          expect(shownTexts.filter((text) => text === SHOWN)).toHaveLength(hidden ? 0 : 1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
