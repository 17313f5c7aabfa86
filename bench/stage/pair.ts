import { query } from '../../server/storage/database.js';
import { startHub, type Hub } from './hub.js';
import type { Stage } from './stage.js';
import { freePort } from '../../launch/free-port.js';

/** A province and the national node, to which it delivers. */
export interface Pair {
  readonly province: Hub;
  readonly national: Hub;
  /** Resolves when the province has an acknowledgement for everything it has accepted. */
  acknowledged(): Promise<void>;
  stop(): Promise<void>;
}

/** What both nodes of a pair have, and each for itself. */
export interface PairSpec {
  readonly redis: boolean;
  /** `https` where the nodes have certificates. */
  readonly scheme?: 'http' | 'https';
  readonly province?: Readonly<Record<string, string>>;
  readonly national?: Readonly<Record<string, string>>;
}

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 60 * 60_000;

/** Starts both, connected both ways, each with its own tables in one PostgreSQL. */
export async function startPair(stage: Stage, spec: PairSpec): Promise<Pair> {
  const { redis, scheme = 'http' } = spec;
  const [forNational, forProvince] = [await freePort(), await freePort()];
  const [national, province] = await Promise.all([
    startHub(stage, {
      redis,
      port: forNational,
      env: {
        HUB_LEVEL: 'national',
        HUB_NODES: `330000=${scheme}://localhost:${forProvince}`,
        ...spec.national,
      },
    }),
    startHub(stage, {
      redis,
      port: forProvince,
      env: {
        HUB_REGION: '330000',
        HUB_UPSTREAM_URL: `${scheme}://localhost:${forNational}`,
        ...spec.province,
      },
    }),
  ]);
  return {
    province,
    national,
    acknowledged: () => acknowledged(province),
    stop: async () => {
      await province.stop();
      await national.stop();
    },
  };
}

/** Waits until no delivery of a node's messages is open; `upTo`: of its first so many. Unset: of all. */
export async function acknowledged(hub: Hub, upTo = Number.MAX_SAFE_INTEGER): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await query<{ open: boolean }>(
      hub.knex,
      'select exists (select from deliveries where state = 1 and message_seq <= ?) as open',
      [upTo],
    );
    if (rows[0]?.open !== true) return;
    if (Date.now() > deadline) throw new Error('deliveries stay open');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
