import type { ReconcileBucket } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { HubClient } from '../clients/client.js';
import { compareIds, differingSums, type ExchangedId } from '../server/domain/reconciliation.js';

type Client = Pick<HubClient<typeof DataCenter>, 'reconcile'>;

/** One end of a link: who is asked, and about whom. */
export interface Side {
  readonly client: Client;
  /** Code of the node at the other end. */
  readonly peer: string;
}

/** Civil dates of Asia/Shanghai, both included, and a class or 0 for all. */
export interface Days {
  readonly fromDate: string;
  readonly toDate: string;
  readonly kind: number;
}

/** The sums of a day and class. */
export type Sum = Pick<ReconcileBucket, 'date' | 'kind' | 'digest'> & { readonly count: number };

/** A message that one side has and the other has not, or has otherwise. */
export interface Difference {
  readonly messageId: string;
  readonly sourceNode: string;
  readonly where: 'MISSING_THERE' | 'MISSING_HERE' | 'DIFFERENT';
}

const PAGE = 5_000;
/** A sum goes over all that was exchanged on a day. */
const TIMEOUT_MS = 120_000;

/** The sums that a side has. */
export async function sumsOf({ client, peer }: Side, days: Days): Promise<Sum[]> {
  const { buckets } = await client.reconcile(
    { peerNode: peer, ...days },
    { timeoutMs: TIMEOUT_MS },
  );
  return buckets.map(({ date, kind, digest, count }) => ({
    date,
    kind,
    digest,
    count: Number(count),
  }));
}

/** What differs, message by message: ids are asked for only on days whose sums differ (F21). */
export async function differencesOf(
  here: Side,
  there: Side,
  sums: { readonly here: readonly Sum[]; readonly there: readonly Sum[] },
): Promise<Difference[]> {
  const all: Difference[] = [];
  for (const { of } of differingSums(sums.here, sums.there)) {
    const { date, kind } = of;
    const day = { fromDate: date, toDate: date, kind };
    const found = compareIds(await idsOf(here, day), await idsOf(there, day));
    all.push(
      ...found.missingThere.map((id) => difference(id, 'MISSING_THERE')),
      ...found.missingHere.map((id) => difference(id, 'MISSING_HERE')),
      ...found.different.map((id) => difference(id, 'DIFFERENT')),
    );
  }
  return all;
}

function difference(
  { messageId, sourceNode }: ExchangedId,
  where: Difference['where'],
): Difference {
  return { messageId, sourceNode, where };
}

async function idsOf({ client, peer }: Side, day: Days): Promise<ExchangedId[]> {
  const ids: ExchangedId[] = [];
  let pageToken = '';
  do {
    const request = { peerNode: peer, ...day, includeIds: true, pageSize: PAGE, pageToken };
    const answer = await client.reconcile(request, { timeoutMs: TIMEOUT_MS });
    ids.push(...answer.entries);
    pageToken = answer.nextPageToken;
  } while (pageToken !== '');
  return ids;
}
