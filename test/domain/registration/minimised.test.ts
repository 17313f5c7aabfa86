import { describe, expect, it } from 'vitest';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { sharedWith } from '../../../server/domain/registration/minimised.js';
import { hasUnknownFields } from '../../../server/domain/unknown-fields.js';
import { foodPermitItem, validRegistration } from '../../support/builders.js';
import { withUnknown } from '../../support/unknown-field.js';

describe('a registration as a business system sees it', () => {
  const item = foodPermitItem();
  const other = foodPermitItem({ permitItemCode: 'ANOTHER' });
  const event = validRegistration({
    permitItems: [withUnknown(item, '后续版本的字段'), withUnknown(other, '后续版本的字段')],
  });

  it.each([
    ['of every item', 'all', [item.permitItemCode, 'ANOTHER']],
    ['of its own items', [item.permitItemCode], [item.permitItemCode]],
  ] as const)('R47 has nothing that a node of a later version added, %s', (_, scope, seen) => {
    const shared = sharedWith(scope, event);
    expect(shared.permitItems.map(({ permitItemCode }) => permitItemCode)).toEqual(seen);
    expect(hasUnknownFields(RegistrationEventSchema, shared)).toBe(false);
    expect(hasUnknownFields(RegistrationEventSchema, event)).toBe(true);
  });
});
