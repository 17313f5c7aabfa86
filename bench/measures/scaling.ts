import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Family } from '../measure.js';
import { startHub, type Hub } from '../stage/hub.js';
import { acknowledged, type Pair } from '../stage/pair.js';
import type { Stage } from '../stage/stage.js';
import { deliveringPair } from './delivering-pair.js';

/**
 * One process that takes calls and one that delivers, beside two of each, over one PostgreSQL and
 * one Redis. Each round proves that every message arrived once.
 */
export const scaling: Family = {
  name: 'scaling',
  needsRedis: true,
  goals: [
    {
      name: 'scale_out_ratio',
      title: '两个受理与两个投递进程 ÷ 各一个 · two API and two worker processes ÷ one of each',
      atLeast: 1,
      // "Faster": by more than a round differs from the next.
      aim: 1.1,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'two of each', 'one of each'),
    },
  ],
  open: async (stage) => {
    const registrations = new Registrations();
    const [one, two] = [await startCluster(stage, 1), await startCluster(stage, 2)];
    const clients = ({ apis }: Cluster) =>
      apis.map(({ address }) => createGrpcClient(Registration, address));
    const pairs = [
      deliveringPair('one of each', one.pair, registrations, clients(one)),
      deliveringPair('two of each', two.pair, registrations, clients(two)),
    ];
    return {
      contenders: pairs.map(({ contender }) => contender),
      close: async () => {
        for (const pair of pairs) await pair.close();
        await one.pair.stop();
        await two.pair.stop();
      },
    };
  },
};

interface Cluster {
  readonly pair: Pair;
  readonly apis: readonly Hub[];
}

/** A province of so many processes of each kind, below a national node of one. */
async function startCluster(stage: Stage, ofEach: number): Promise<Cluster> {
  const national = await startHub(stage, { redis: true, env: { HUB_LEVEL: 'national' } });
  const [schema, dataDir] = [stage.freshName(), await stage.freshDirectory()];
  const start = (role: 'api' | 'worker'): Promise<Hub> =>
    startHub(stage, {
      redis: true,
      schema,
      dataDir,
      env: {
        HUB_REGION: '330000',
        HUB_PROCESS: role,
        HUB_UPSTREAM_URL: `http://${national.address}`,
      },
    });
  const apis: Hub[] = [];
  const workers: Hub[] = [];
  for (let number = 0; number < ofEach; number += 1) {
    apis.push(await start('api'));
    workers.push(await start('worker'));
  }
  const [province] = apis;
  if (!province) throw new Error('a cluster without processes');
  const pair = {
    province,
    national,
    acknowledged: () => acknowledged(province),
    stop: async () => {
      for (const hub of [...workers, ...apis.slice(1), province, national]) await hub.stop();
    },
  };
  return { pair, apis };
}
