import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { readAuthorities } from './clients/authorities.js';
import { letLive } from './clients/crowd.js';
import { openApi, type HubApi } from './clients/hub-api.js';
import { Correspondence } from './clients/sender.js';
import { unleash, type Mischief } from './faults/gremlins.js';
import type { Options } from './options.js';
import { judge, type Verdict } from './oracle/verdict.js';
import { startNodes, untilAllAnswer } from './outset.js';
import type { Progress } from './progress.js';
import type { Random } from './random.js';
import type { VerifyingKey } from '../server/signing/keys.js';
import { readKeys } from './proofs.js';
import { readHoldings } from './read-holdings.js';
import { untilSettled } from './settle.js';
import type { NodeCode } from './stage/places.js';
import type { Stage } from './stage/stage.js';

const TICK_MS = 1_000;
/** Clients have so long for their last answers once the faults are over. */
const LAST_ANSWERS_MS = 60_000;
/**
 * A killed worker's claims are free after a minute, a delivery that was refused often waits up to five,
 * and a few steps may follow each other.
 */
const SETTLE_LIMIT_MS = 420_000;

/** What a run did and what came of it. */
export interface Outcome {
  readonly seed: number;
  readonly seconds: number;
  readonly correspondence: Correspondence;
  readonly mischief: Mischief;
  readonly verdict: Verdict;
}

/** Faults and clients at once, then calm, then the oracle. */
export async function runChaos(
  stage: Stage,
  options: Options,
  random: Random,
  progress: Progress,
): Promise<Outcome> {
  const startedAt = performance.now();
  const apis = openApis(stage);
  try {
    const mischief: Mischief = { kills: 0, faults: new Map(), last: '' };
    progress.say('首次启动,迁移中途被杀', 'first start, killed in the middle of the migrations');
    mischief.kills += await startNodes(stage);
    await untilAllAnswer([...apis.values()].flat());
    const keys = new Map<NodeCode, VerifyingKey[]>();
    for (const [code, node] of stage.nodes) keys.set(code, await readKeys(node));
    const correspondence = new Correspondence((node) => apis.get(node) ?? [], keys);
    await stir({ stage, apis, options, random, progress, correspondence, mischief });
    await untilSettled(stage, SETTLE_LIMIT_MS, (open) => {
      progress.say(`等待平静,待投递 ${open}`, `calming down, ${open} deliveries open`);
    });
    progress.say('核对', 'comparing what was told with what is held');
    const holdings = await Promise.all([...stage.nodes.values()].map(readHoldings));
    const verdict = judge(correspondence, holdings);
    const seconds = (performance.now() - startedAt) / 1000;
    return { seed: options.seed, seconds, correspondence, mischief, verdict };
  } finally {
    for (const api of [...apis.values()].flat()) api.close();
  }
}

function openApis({ nodes }: Stage): Map<NodeCode, HubApi[]> {
  return new Map(
    [...nodes].map(([code, { apis }]) => [code, apis.map(({ port }) => openApi(port))]),
  );
}

interface Stirring {
  readonly stage: Stage;
  readonly apis: ReadonlyMap<NodeCode, readonly HubApi[]>;
  readonly options: Options;
  readonly random: Random;
  readonly progress: Progress;
  readonly correspondence: Correspondence;
  readonly mischief: Mischief;
}

/** The time of faults: ends when enough was sent for long enough, and every client has its answer. */
async function stir(parts: Stirring): Promise<void> {
  const { stage, apis, options, random, correspondence, mischief } = parts;
  const authorities = await readAuthorities((code) => firstOf(apis, code).catalog);
  const [closing, ended, calm] = [
    new AbortController(),
    new AbortController(),
    new AbortController(),
  ];
  // Every call under way listens.
  setMaxListeners(0, ended.signal);
  const crowd = letLive(options, {
    correspondence,
    authorities,
    random: random.fork(),
    closing: closing.signal,
    ended: ended.signal,
  });
  const around = {
    stage,
    random: random.fork(),
    backlogRefusals: () => correspondence.backlogRefusals,
  };
  const gremlins = unleash(around, mischief, options.pause * 1000, calm.signal);
  await Promise.race([untilEnough(parts), crowd, gremlins]);
  calm.abort();
  await gremlins;
  closing.abort();
  const limit = setTimeout(() => {
    ended.abort();
  }, LAST_ANSWERS_MS);
  await crowd;
  clearTimeout(limit);
}

function firstOf(apis: Stirring['apis'], code: NodeCode): HubApi {
  const api = apis.get(code)?.[0];
  if (!api) throw new Error(`Nobody takes calls at ${code}.`);
  return api;
}

async function untilEnough({
  options,
  progress,
  correspondence,
  mischief,
}: Stirring): Promise<void> {
  const until = performance.now() + options.minutes * 60_000;
  const enough = (): boolean =>
    performance.now() >= until &&
    correspondence.accepted >= options.messages &&
    mischief.kills >= options.kills;
  while (!enough()) {
    await pause(TICK_MS);
    const { accepted } = correspondence;
    progress.say(
      `受理 ${accepted} 条,杀死 ${mischief.kills} 次;${mischief.last}`,
      `${accepted} accepted, ${mischief.kills} kills`,
    );
  }
}
