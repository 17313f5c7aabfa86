import type { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { GrpcClient } from '../../clients/grpc.js';
import { callFor, inPortions } from './callers.js';

const PER_BATCH = 100;
const CALLERS = 4;

/**
 * Reports registrations in batches of a hundred, a few batches at the same time, until the time is
 * over or nothing is left; answers how many. Throws when one of them is refused: what is refused
 * costs less than what is taken.
 */
export async function submitInBatches(
  seconds: number,
  clients: readonly GrpcClient<typeof Registration>[],
  events: readonly RegistrationEvent[],
): Promise<number> {
  let turn = 0;
  let taken = 0;
  await callFor(seconds, CALLERS, inPortions(events, PER_BATCH), async (batch) => {
    const client = clients[(turn += 1) % clients.length];
    const { results = [] } =
      (await client?.batchSubmitRegistrations({ registrations: batch })) ?? {};
    const refused = results.find(({ outcome }) => outcome.case !== 'receipt');
    if (refused) throw new Error(`refused: ${JSON.stringify(refused.outcome.value, toText)}`);
    taken += results.length;
  });
  return taken;
}

function toText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
