import type { Logger } from 'pino';
import type { Carrier } from '../channels/carrier.js';
import type { ExchangeFolder } from '../channels/exchange-folder.js';
import { folderCarrier } from '../channels/folder.js';
import { httpCarrier } from '../channels/http-push.js';
import { startDispatcher } from '../channels/dispatcher.js';
import { localFolder } from '../channels/local-folder.js';
import { startReceipts } from '../channels/receipts.js';
import { departmentsOf, readRoutes, type ConfiguredRoute } from '../channels/routes-file.js';
import { sftpFolder } from '../channels/sftp-folder.js';
import { ConfigError, type Config } from '../config.js';
import {
  EVERY_DEPARTMENT,
  optimisedRuleOf,
  presetRuleOf,
  type OptimisedRule,
} from '../domain/registration/channel-route.js';
import { applyReport } from '../services/data-center/package-acknowledgement.js';
import { strandedRoutes } from '../storage/package-dispatch.js';
import type { Closers } from './closers.js';
import type { Judging } from './judging.js';
import type { Store } from './store.js';

/**
 * The province's ways out (HUB_CHANNELS_FILE); none when it is unset. Logs for every department that
 * is named, and for the others together, which rule of R15 applies. Throws ConfigError.
 */
export async function readChannels(
  config: Config,
  log: Logger,
): Promise<readonly ConfiguredRoute[]> {
  if (config.level === 'national') return [];
  const routes = config.channelsFile === '' ? [] : await readRoutes(config.channelsFile);
  const preset = presetRuleOf({ channels: config.channels, channelRoutes: routes });
  if (preset === 'none') throw new ConfigError([PRESET_WITHOUT_NATIONAL_EXCHANGE]);
  const tell = (department: string, by: OptimisedRule): void => {
    log.info({ department, rule: 'R15', by }, '优化审批服务的推送通道 / how items of mode 4 leave');
  };
  if (preset) tell(EVERY_DEPARTMENT, preset);
  for (const department of departmentsOf(routes))
    tell(department, optimisedRuleOf(routes, department));
  return routes;
}

const PRESET_WITHOUT_NATIONAL_EXCHANGE =
  'HUB_CHANNELS: 没有国家数据共享交换通道(R15):请加入 NATIONAL_EXCHANGE,或在 HUB_CHANNELS_FILE 中为 * 设 ' +
  '"allowWithoutNationalExchange": true · has no NATIONAL_EXCHANGE; add it, or a channel for * in ' +
  'HUB_CHANNELS_FILE that says "allowWithoutNationalExchange": true';

/** Starts pushing by every route, and reading the receipts of folders. */
export async function openChannels(
  config: Config,
  routes: readonly ConfiguredRoute[],
  store: Store,
  judge: Judging,
  log: Logger,
  closers: Closers,
): Promise<void> {
  await warnOfStranded(routes, store, log);
  if (config.process === 'api') return;
  for (const route of routes) openRoute(route, config, store, judge, log, closers);
}

function openRoute(
  route: ConfiguredRoute,
  config: Config,
  { knex }: Store,
  judge: Judging,
  log: Logger,
  closers: Closers,
): void {
  if (route.kind === 'pull') return;
  const shared = {
    knex,
    log,
    node: config.node,
    route: route.name,
    intervalMs: config.sweepMs,
    now: Date.now,
  };
  const { carrier, folder } = wayOf(route);
  const dispatcher = startDispatcher({
    ...shared,
    carrier,
    maxAttempts: route.maxAttempts,
    random: Math.random,
  });
  const { context } = judge;
  const receipts =
    folder &&
    startReceipts({
      ...shared,
      folder,
      node: config.node,
      apply: (trx, report) =>
        applyReport(trx, report, `channel:${route.name}`, { node: config.node, context }),
    });
  closers.add(async () => {
    const stopped = [dispatcher.stop(), receipts?.stop()];
    // Both know by now that they are to stop; what they wait for need not come.
    await folder?.close();
    await Promise.all(stopped);
  });
}

interface Way {
  readonly carrier: Carrier;
  /** Where receipts come back; undefined: they come as answers. */
  readonly folder?: ExchangeFolder;
}

function wayOf(route: Exclude<ConfiguredRoute, { kind: 'pull' }>): Way {
  if (route.kind === 'http') return { carrier: httpCarrier(route.endpoint) };
  const folder =
    route.kind === 'folder'
      ? localFolder(route.directory)
      : sftpFolder(route.server, route.directory, () => performance.now(), Math.random);
  return { carrier: folderCarrier(folder), folder };
}

/** Packages of a route that was taken out of the file wait for it for ever, which must be seen. */
async function warnOfStranded(
  routes: readonly ConfiguredRoute[],
  { knex }: Store,
  log: Logger,
): Promise<void> {
  const known = routes.filter((route) => route.push).map((route) => route.name);
  for (const { route, count } of await strandedRoutes(knex, known))
    log.warn(
      { route, count },
      '通道已不在配置中,数据包仍待发送 / packages wait for a channel that is gone',
    );
}
