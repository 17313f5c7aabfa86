import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryOutcome, DeliveryResultSchema } from '#gen/zhengzhao/v1/exchange_pb.js';
import { settlementOf } from '../../server/delivery/link.js';

const { INTERNAL, UNAVAILABLE } = ErrorReason;

it.each([
  [
    'the first defect, after a long outage',
    { attempts: 200, defects: 0, reason: INTERNAL },
    'retry',
  ],
  ['the ninth', { attempts: 200, defects: 8, reason: INTERNAL }, 'retry'],
  ['the tenth', { attempts: 200, defects: 9, reason: INTERNAL }, 'dead'],
  ['the tenth and nothing else', { attempts: 10, defects: 9, reason: INTERNAL }, 'dead'],
  ['an outage after defects', { attempts: 200, defects: 9, reason: UNAVAILABLE }, 'retry'],
] as const)(
  'D14 of what the far node did not take: %s',
  (_, { attempts, defects, reason }, state) => {
    const result = create(DeliveryResultSchema, {
      outcome: DeliveryOutcome.RETRY,
      refusal: { reason },
    });
    const attempt = { id: 1, rule: 'UP-LICENCE', attempts, defects };
    expect(settlementOf(attempt, result, 0)).toMatchObject({ state, attempts, reason });
  },
);
