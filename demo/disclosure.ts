import { toJsonString } from '@bufbuild/protobuf';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import {
  GetDisclosureResponseSchema,
  type GetDisclosureResponse,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import { isPublicInTheEnd } from './expectations.js';
import type { DemoNode, Network } from './nodes.js';
import type { PlannedRecord } from './plan.js';
import { usccOf } from './secrets.js';

/** What the public sees, compared with what it should see. */
export interface DisclosureCheck {
  readonly enterprises: number;
  readonly records: number;
  readonly problems: readonly string[];
}

/**
 * Asks, for every enterprise that a record is about, what the public sees of it in its province and
 * at the national node: exactly the public records that were attributed, and each at both (R38,
 * R41); and nothing of what is not public, not even a licence number that a penalty cites (D10).
 */
export async function checkDisclosure(
  network: Network,
  records: readonly PlannedRecord[],
): Promise<DisclosureCheck> {
  const problems: string[] = [];
  const enterprises = new Map<string, PlannedRecord[]>();
  for (const plan of records.filter(({ refusal }) => !refusal)) {
    const uscc = usccOf(plan.record);
    enterprises.set(uscc, [...(enterprises.get(uscc) ?? []), plan]);
  }
  let shown = 0;
  const secrets = records
    .filter((plan) => plan.secret !== '' && !isPublicInTheEnd(plan))
    .map(({ secret }) => secret);
  for (const [uscc, plans] of enterprises) {
    const wanted = plans.filter(isShown).map(keyOf).sort();
    const home = plans[0]?.home;
    const nodes: DemoNode[] = home ? [network.of(home), network.national] : [];
    for (const node of nodes) {
      const disclosed = await node.dataCenter.getDisclosure({ uscc });
      const found = keysOf(disclosed);
      const text = toJsonString(GetDisclosureResponseSchema, disclosed);
      for (const secret of secrets.filter((one) => text.includes(one)))
        problems.push(`${node.code} ${uscc}: 公示了 shows ${secret}`);
      shown += found.length;
      if (found.join() !== wanted.join())
        problems.push(`${node.code} ${uscc}: [${found.join(' ')}] ≠ [${wanted.join(' ')}]`);
    }
  }
  return { enterprises: enterprises.size, records: shown, problems };
}

function isShown(plan: PlannedRecord): boolean {
  const named = plan.naming === 'by itself' || plan.naming === 'by hand';
  return named && isPublicInTheEnd(plan);
}

function keyOf({ kind, record }: PlannedRecord): string {
  return `${MessageKind[kind]} ${record.envelope?.businessKey ?? ''}`;
}

function keysOf(shown: GetDisclosureResponse): string[] {
  const of = (kind: MessageKind, records: readonly { record?: Record | undefined }[]): string[] =>
    records.map(({ record }) => `${MessageKind[kind]} ${record?.envelope?.businessKey ?? ''}`);
  return [
    ...of(MessageKind.LICENCE, shown.licences),
    ...of(MessageKind.FILING, shown.filings),
    ...of(MessageKind.INSPECTION, shown.inspections),
    ...of(MessageKind.PENALTY, shown.penalties),
  ].sort();
}
