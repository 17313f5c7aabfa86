import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { laneFor, type Lane } from '../domain/lane.js';
import { insertDeliveries } from '../storage/deliveries.js';
import { countOpen } from '../storage/open-deliveries.js';
import {
  lostReports,
  reopenWindow,
  saveProgress,
  takePeerRestoration,
  type PeerRestoration,
  type Progress,
} from '../storage/peer-restorations.js';

/** What giving back to a restored neighbour needs. */
export interface GiveBackParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly wake: (wakes: readonly Lane[]) => void;
  /** To which nothing goes up that is not public. */
  readonly nationalNode: string;
}

/** Clocks of two nodes, and what was on its way when the backup was made, differ by less. */
const MARGIN_MS = 600_000;
/** Rows looked at in one turn. */
const LOOKED_AT = 20_000;
/** Messages given back in one turn. */
const GIVEN = 1_000;
/** Open deliveries to the neighbour past which the next turn waits, so that its queue never fills. */
const OPEN_LIMIT = 20_000;

/**
 * Sends a restored neighbour again what it acknowledged and lost, and then gives it back what it had
 * reported and lost: a turn of bounded size, kept with the place that it came to. What the neighbour
 * has after all changes nothing there. True when there is more to do.
 */
export async function giveBack({ knex, log, wake, nationalNode }: GiveBackParts): Promise<boolean> {
  const turn = await knex.transaction(async (trx) => {
    const peer = await nextPeer(trx);
    if (!peer) return undefined;
    const { progress, lanes } = await takeTurn(trx, peer, peer.node === nationalNode);
    await saveProgress(trx, peer, progress);
    return { peer, progress, lanes };
  });
  if (!turn) return false;
  wake(turn.lanes);
  if (turn.progress.finished)
    log.info(
      { peer: turn.peer.node, restoredAt: turn.peer.restoredAt },
      '已向恢复的节点补发、退还 / a restored node was given back what it lost',
    );
  return true;
}

/** The next whose queue has room: one that is down again keeps no other waiting. */
async function nextPeer(trx: Knex.Transaction): Promise<PeerRestoration | undefined> {
  const full: string[] = [];
  for (;;) {
    const peer = await takePeerRestoration(trx, full);
    if (!peer) return undefined;
    const open = await countOpen(trx, [peer.node], OPEN_LIMIT);
    if ((open.get(peer.node) ?? 0) < OPEN_LIMIT) return peer;
    full.push(peer.node);
  }
}

async function takeTurn(
  trx: Knex.Transaction,
  peer: PeerRestoration,
  upward: boolean,
): Promise<{ readonly progress: Progress; readonly lanes: readonly Lane[] }> {
  const time = {
    fromMs: (peer.backupUntil?.getTime() ?? 0) - MARGIN_MS,
    untilMs: peer.restoredAt.getTime() + MARGIN_MS,
  };
  const again = await reopenWindow(trx, peer, { ...time, rows: LOOKED_AT });
  const reopened = { lastDelivery: again.last, sentAgain: again.opened.length };
  if (again.looked === LOOKED_AT) {
    const { lastMessage } = peer;
    const progress = { ...reopened, lastMessage, givenBack: 0, finished: false };
    return { progress, lanes: again.opened };
  }
  const back = await lostReports(trx, peer, { ...time, rows: GIVEN }, upward);
  await insertDeliveries(trx, back.deliveries, Date.now());
  const given = { lastMessage: back.last, givenBack: back.deliveries.length };
  const progress = { ...reopened, ...given, finished: back.deliveries.length < GIVEN };
  return { progress, lanes: [...again.opened, ...back.deliveries.map(laneFor)] };
}
