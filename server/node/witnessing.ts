import type { Logger } from 'pino';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { RenewableTls } from '../../clients/tls.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { showChain } from '../audit/show-chain.js';
import { createPoll } from '../repeating/poll.js';
import type { Config } from '../config.js';
import type { Closers } from './closers.js';
import type { Store } from './store.js';

/** A province shows its audit chain to the national node, again and again (HUB_AUDIT_WITNESS_MS). */
export function openWitnessing(
  config: Config,
  { knex }: Store,
  tls: RenewableTls | undefined,
  log: Logger,
  closers: Closers,
): void {
  if (config.upstreamUrl === '' || config.process === 'api') return;
  const { node } = config;
  const client = createGrpcClient(DataCenter, config.upstreamUrl, { tls });
  closers.add(() => {
    client.close();
  });
  const poll = createPoll({
    run: () => showChain({ knex, log, node, client }),
    intervalMs: config.auditWitnessMs,
    // Soon after the start: a node that was restored says so before much has happened.
    firstMs: Math.min(config.auditWitnessMs, 1_000),
    failed: (error) => {
      log.warn({ err: error }, '审计链暂未能报告 / the audit chain could not be shown yet');
    },
  });
  poll.start();
  closers.add(() => poll.stop());
}
