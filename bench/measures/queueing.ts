import { Registrations } from '../load/registrations.js';
import { ratio, type Family } from '../measure.js';
import { startPair } from '../stage/pair.js';
import { deliveringPair } from './delivering-pair.js';

/** The same batches on both queue backends. */
export const queueing: Family = {
  name: 'queueing',
  needsRedis: true,
  goals: [
    {
      name: 'embedded_ratio',
      title: 'PostgreSQL 队列 ÷ Redis 队列,批量送达 · embedded default ÷ Redis, batches delivered',
      atLeast: 0.6,
      aim: 0.8,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub, PostgreSQL', 'hub, Redis'),
    },
  ],
  open: async (stage) => {
    const registrations = new Registrations();
    const embedded = await startPair(stage, { redis: false });
    const redis = await startPair(stage, { redis: true });
    const pairs = [
      deliveringPair('hub, PostgreSQL', embedded, registrations),
      deliveringPair('hub, Redis', redis, registrations),
    ];
    return {
      contenders: pairs.map(({ contender }) => contender),
      close: async () => {
        for (const pair of pairs) await pair.close();
        await embedded.stop();
        await redis.stop();
      },
    };
  },
};
