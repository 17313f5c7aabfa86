import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { HubClient } from '../../clients/client.js';
import { compareIds, differingSums, type ExchangedId } from '../domain/reconciliation.js';
import type { Wake } from '../intake/write-batch.js';
import { exchangeBuckets, exchangedMessages } from '../storage/reconcile.js';
import {
  reopenAcknowledged,
  saveReconciliation,
  type Reconciliation,
} from '../storage/reconciliations.js';

/** What comparing with a peer needs. */
export interface ReconcileLinkParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly node: string;
  readonly peer: string;
  readonly client: Pick<HubClient<typeof DataCenter>, 'reconcile'>;
  readonly wake: (wakes: readonly Wake[]) => void;
}

/** Civil dates of Asia/Shanghai, both included; at most 31 days. */
export interface DateRange {
  readonly fromDate: string;
  readonly toDate: string;
}

const PAGE = 5_000;
/** Deliveries opened again in one statement. */
const RESEND_BATCH = 500;
const TIMEOUT_MS = 120_000;

/**
 * 对账 with one peer (F21): sums per day and class first, ids only where the sums differ. What is
 * missing there is sent again; what is missing here is sent by the other side when it compares.
 * What is not public is on neither side.
 */
export async function reconcileLink(
  parts: ReconcileLinkParts,
  range: DateRange,
): Promise<Reconciliation> {
  const { knex, peer, node } = parts;
  const ours = await exchangeBuckets(knex, { peer, ...range, kind: 0 });
  const answer = await parts.client.reconcile(
    { peerNode: node, ...range },
    { timeoutMs: TIMEOUT_MS },
  );
  const theirs = answer.buckets.map((bucket) => ({ ...bucket, count: Number(bucket.count) }));
  const found = { missingThere: 0, missingHere: 0, different: 0, resent: 0 };
  for (const { date, kind } of differingSums(ours, theirs)) {
    const day = { fromDate: date, toDate: date };
    const differences = compareIds(
      await ourIds(parts, day, kind),
      await theirIds(parts, day, kind),
    );
    found.missingThere += differences.missingThere.length;
    found.missingHere += differences.missingHere.length;
    found.different += differences.different.length;
    found.resent += await resend(parts, differences.missingThere);
  }
  const compared = ours.reduce((sum, bucket) => sum + bucket.count, 0);
  const report = { peer, ...range, compared, ...found };
  await saveReconciliation(knex, report);
  parts.log.info(report, '对账完成 / reconciled');
  return report;
}

async function ourIds(
  { knex, peer }: ReconcileLinkParts,
  range: DateRange,
  kind: MessageKind,
): Promise<ExchangedId[]> {
  const ids: ExchangedId[] = [];
  for (;;) {
    const page = await exchangedMessages(knex, { peer, ...range, kind }, ids.at(-1), PAGE);
    ids.push(...page);
    if (page.length < PAGE) return ids;
  }
}

async function theirIds(
  { client, node }: ReconcileLinkParts,
  range: DateRange,
  kind: MessageKind,
): Promise<ExchangedId[]> {
  const ids: ExchangedId[] = [];
  let pageToken = '';
  do {
    const request = { peerNode: node, ...range, kind, includeIds: true, pageSize: PAGE, pageToken };
    const answer = await client.reconcile(request, { timeoutMs: TIMEOUT_MS });
    ids.push(...answer.entries);
    pageToken = answer.nextPageToken;
  } while (pageToken !== '');
  return ids;
}

async function resend(parts: ReconcileLinkParts, ids: readonly ExchangedId[]): Promise<number> {
  let resent = 0;
  for (let from = 0; from < ids.length; from += RESEND_BATCH) {
    const wakes = await reopenAcknowledged(
      parts.knex,
      parts.peer,
      ids.slice(from, from + RESEND_BATCH),
    );
    parts.wake(wakes);
    resent += wakes.length;
  }
  return resent;
}
