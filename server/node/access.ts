import type { Logger } from 'pino';
import { createIdentity, type Identify } from '../access/identity.js';
import { startUsage } from '../access/usage.js';
import type { Config } from '../config.js';
import { HUB_NODES } from '../reference/nodes.js';
import { findCertificate, findToken, noteUses } from '../storage/access.js';
import type { Closers } from './closers.js';
import type { Store } from './store.js';

const USAGE_MS = 30_000;

/** Opens what tells who calls: tokens and registered certificates of the node's own database. */
export function openAccess(
  { anonymous }: Config,
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
  return createIdentity({
    register: {
      findToken: (hash) => findToken(knex, hash),
      findCertificate: (fingerprint, role, code) => findCertificate(knex, fingerprint, role, code),
    },
    anonymous,
    isNode: (code) => HUB_NODES.some((node) => node.code === code),
    used: usage.note,
    now: Date.now,
    elapsed: () => performance.now(),
  });
}
