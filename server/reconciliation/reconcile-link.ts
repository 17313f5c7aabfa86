import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { HubClient } from '../../clients/client.js';
import { administered } from '../domain/audit/administration.js';
import {
  compareIds,
  differingSums,
  groupSlices,
  type DayPart,
  type ExchangedId,
  type SliceSum,
} from '../domain/reconciliation.js';
import type { Lane } from '../domain/lane.js';
import { appendAudit } from '../storage/audit.js';
import {
  exchangeBuckets,
  exchangedMessages,
  exchangeSlices,
} from '../storage/exchanged-messages.js';
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
  readonly wake: (wakes: readonly Lane[]) => void;
}

/** Civil dates of Asia/Shanghai, both included; at most 31 days. */
export interface DateRange {
  readonly fromDate: string;
  readonly toDate: string;
}

/** Ids in one answer, and about as many as are compared at a time. */
const PAGE = 20_000;
/** Deliveries opened again in one statement. */
const RESEND_BATCH = 500;
const TIMEOUT_MS = 300_000;

/**
 * 对账 with one peer (F21), in three questions however much was exchanged: sums of days and classes,
 * of the slices of those that differ, and the ids of the slices that differ. What is missing there
 * is sent again; what is missing here is sent by the other side when it compares. What differs is only
 * reported: sent again under its id it would be refused and stop its enterprise, and which side is right
 * a person must find out, before any trace of it is gone. What is not public is on neither side.
 */
export async function reconcileLink(
  parts: ReconcileLinkParts,
  range: DateRange,
): Promise<Reconciliation> {
  const [ours, theirs] = await Promise.all([ourDays(parts, range), theirDays(parts, range)]);
  const days = differingSums(ours, theirs).map(({ of: { date, kind } }) => ({
    date,
    kind,
    slices: [],
  }));
  const found = { missingThere: 0, missingHere: 0, different: 0, resent: 0 };
  for (const group of groupSlices(await differingSlices(parts, range, days), PAGE)) {
    const differences = compareIds(
      await ourIds(parts, range, group),
      await theirIds(parts, range, group),
    );
    found.missingThere += differences.missingThere.length;
    found.missingHere += differences.missingHere.length;
    found.different += differences.different.length;
    found.resent += await resend(parts, differences.missingThere);
  }
  const compared = ours.reduce((sum, bucket) => sum + bucket.count, 0);
  const report = { peer: parts.peer, ...range, compared, ...found };
  await parts.knex.transaction(async (trx) => {
    await saveReconciliation(trx, report);
    const entry = administered('reconcile', `node:${parts.node}`, Date.now(), {
      subject: parts.peer,
      outcome: `${range.fromDate}..${range.toDate} compared=${compared} resent=${found.resent}`,
    });
    await appendAudit(trx, parts.node, [entry]);
  });
  if (report.different > 0)
    parts.log.warn(
      report,
      '对账发现内容不同,需人工查明 / reconciled: contents differ, look into it',
    );
  else parts.log.info(report, '对账完成 / reconciled');
  return report;
}

function ourDays({ knex, peer }: ReconcileLinkParts, range: DateRange) {
  return exchangeBuckets(knex, { peer, ...range, kind: 0 });
}

async function theirDays({ client, node }: ReconcileLinkParts, range: DateRange) {
  const { buckets } = await client.reconcile(
    { peerNode: node, ...range },
    { timeoutMs: TIMEOUT_MS },
  );
  return buckets.map((bucket) => ({ ...bucket, count: Number(bucket.count) }));
}

async function differingSlices(
  { knex, peer, client, node }: ReconcileLinkParts,
  range: DateRange,
  days: readonly DayPart[],
): Promise<SliceSum[]> {
  if (days.length === 0) return [];
  const [ours, { slices }] = await Promise.all([
    exchangeSlices(knex, { peer, ...range, kind: 0 }, days),
    client.reconcile(
      {
        peerNode: node,
        ...range,
        parts: days.map((day) => ({ ...day, slices: [] })),
        includeSlices: true,
      },
      { timeoutMs: TIMEOUT_MS },
    ),
  ]);
  const theirs = slices.map((slice) => ({ ...slice, count: Number(slice.count) }));
  return differingSums<SliceSum>(ours, theirs).map((pair) => pair.of);
}

async function ourIds(
  { knex, peer }: ReconcileLinkParts,
  range: DateRange,
  group: readonly DayPart[],
): Promise<ExchangedId[]> {
  const ids: ExchangedId[] = [];
  for (;;) {
    const all = { peer, ...range, kind: 0 };
    const page = await exchangedMessages(knex, all, group, ids.at(-1), PAGE);
    ids.push(...page);
    if (page.length < PAGE) return ids;
  }
}

async function theirIds(
  { client, node }: ReconcileLinkParts,
  range: DateRange,
  group: readonly DayPart[],
): Promise<ExchangedId[]> {
  const ids: ExchangedId[] = [];
  const parts = group.map((part) => ({ ...part, slices: [...part.slices] }));
  let pageToken = '';
  do {
    const answer = await client.reconcile(
      { peerNode: node, ...range, parts, includeIds: true, pageSize: PAGE, pageToken },
      { timeoutMs: TIMEOUT_MS },
    );
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
