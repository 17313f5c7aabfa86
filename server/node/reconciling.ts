import type { Logger } from 'pino';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { RenewableTls } from '../../clients/tls.js';
import { createGrpcClient } from '../../clients/grpc.js';
import type { Config } from '../config.js';
import { comparedDays } from '../domain/reconciliation.js';
import type { DailyTask } from '../queues/daily-queue.js';
import { reconcileLink } from '../reconciliation/reconcile-link.js';
import type { Closers } from './closers.js';
import { DailyFailure } from './daily-failure.js';
import { addressesOf, type Delivering } from './delivering.js';
import type { Store } from './store.js';

/** Compares every link of the node once a day (HUB_RECONCILE_AT, F21); no task where there is no link. */
export function reconcilingTask(
  config: Config,
  store: Store,
  delivering: Delivering,
  tls: RenewableTls | undefined,
  log: Logger,
  closers: Closers,
): DailyTask[] {
  const peers = [...addressesOf(config)].map(([peer, address]) => {
    const client = createGrpcClient(DataCenter, address, { tls });
    closers.add(() => {
      client.close();
    });
    return { peer, client };
  });
  if (peers.length === 0) return [];
  const run = async (): Promise<void> => {
    const failed: string[] = [];
    for (const { peer, client } of peers) {
      try {
        const parts = {
          knex: store.knex,
          log,
          node: config.node,
          peer,
          client,
          wake: delivering.wake,
        };
        await reconcileLink(parts, comparedDays(Date.now()));
      } catch (error) {
        // One peer that is down must not keep the others from being compared.
        log.warn({ err: error, peer }, '对账未完成 / could not reconcile');
        failed.push(peer);
      }
    }
    if (failed.length > 0)
      throw new DailyFailure({
        zh: `${peers.length} 条链路中 ${failed.length} 条未能对账:${failed.join('、')}。`,
        en: `${failed.length} of ${peers.length} links could not be compared: ${failed.join(', ')}.`,
      });
  };
  return [{ name: 'reconcile', at: config.reconcileAt, run }];
}
