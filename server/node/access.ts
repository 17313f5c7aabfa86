import type { Logger } from 'pino';
import { createIdentity, type Identify } from '../access/identity.js';
import { startUsage } from '../access/usage.js';
import type { Config } from '../config.js';
import { CallerLimits } from '../doors/caller-limits.js';
import { Batcher } from '../batching/batcher.js';
import { HUB_NODES } from '../reference/nodes.js';
import { findCertificate, findTokens, noteUses } from '../storage/access.js';
import type { Closers } from './closers.js';
import type { Store } from './store.js';

const USAGE_MS = 30_000;
/**
 * Tokens are looked up by one statement at a time, whoever shows how many: callers that made theirs up
 * get one connection between them, and one that was just issued is known with the next statement.
 */
export const LOOK_UPS = { connections: 1, batchSize: 500, waiting: 20_000 } as const;

/** Opens what tells who calls: tokens and registered certificates of the node's own database. */
export function openAccess(
  { anonymous, callers }: Config,
  { knex }: Pick<Store, 'knex'>,
  log: Logger,
  closers: Closers,
): Identify {
  if (anonymous !== 'nobody')
    log.warn(
      { anonymous },
      '未认证的调用方按此角色放行 / callers that show nothing have this role',
    );
  const usage = startUsage({
    write: (uses) => noteUses(knex, uses),
    log,
    intervalMs: USAGE_MS,
  });
  closers.add(() => usage.stop());
  const tokens = new Batcher((hashes: readonly Buffer[]) => findTokens(knex, hashes), LOOK_UPS);
  closers.add(() => tokens.drained());
  return createIdentity({
    register: {
      findToken: async (hash) => (await tokens.add([{ item: hash, lanes: [] }]))[0] ?? undefined,
      findCertificate: (fingerprint, role, code) => findCertificate(knex, fingerprint, role, code),
    },
    anonymous,
    isNode: (code) => HUB_NODES.some((node) => node.code === code),
    limits: new CallerLimits(callers),
    used: usage.note,
    now: Date.now,
    elapsed: () => performance.now(),
  });
}
