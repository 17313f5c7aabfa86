import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { HubClient } from '../../clients/client.js';
import { hearOfRestoration } from '../restoration/hearing.js';
import { restorationMessage, restorationOf } from '../restoration/notice.js';
import { NATIONAL_NODE } from '../reference/nodes.js';
import { hashOfLink, linksBetween } from '../storage/audit.js';
import { lastRestoration } from '../storage/restorations.js';

/** What showing the chain to its witness needs. */
export interface ShowChainParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly node: string;
  readonly client: Pick<HubClient<typeof DataCenter>, 'witnessAuditChain'>;
}

const LINKS = 5_000;
const TIMEOUT_MS = 30_000;

/**
 * Shows the national node how this node's chain goes on from the head it knows, until it knows them
 * all. Its answer comes first and this node's links are read after it: a link that was witnessed had
 * been committed, so one that is missing then was removed, and is shown as missing. With it either
 * side tells the other of its last restoration, whichever of them can call the other.
 */
export async function showChain({ knex, log, node, client }: ShowChainParts): Promise<void> {
  const options = { timeoutMs: TIMEOUT_MS };
  const own = await lastRestoration(knex);
  const restoration = own && { restoration: restorationMessage(own) };
  let known = await client.witnessAuditChain({ node, ...restoration }, options);
  const theirs = restorationOf(known.restoration);
  if (theirs) await hearOfRestoration({ knex, log, node }, NATIONAL_NODE, theirs);
  for (;;) {
    const { link: after, broken } = known;
    if (broken)
      log.error(
        { link: Number(after) },
        '审计链与总局所见不符 / the audit chain is not the one witnessed',
      );
    if (broken) return;
    const afterHash = (await hashOfLink(knex, Number(after))) ?? new Uint8Array();
    const links = await linksBetween(knex, Number(after), Number.MAX_SAFE_INTEGER, LINKS);
    const shown = links.map(({ atMs, entriesHash }) => ({ atMs: BigInt(atMs), entriesHash }));
    known = await client.witnessAuditChain({ node, after, afterHash, links: shown }, options);
    if (!known.broken && links.length < LINKS) return;
  }
}
