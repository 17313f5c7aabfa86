import { Registrations } from '../load/registrations.js';
import { ratio, type Family } from '../measure.js';
import { fillPair } from '../reconcile-rows.js';
import { startPair } from '../stage/pair.js';
import { deliveringPair } from './delivering-pair.js';

const DAYS = 30;

/** The same batches to nodes that hold nothing, and to nodes that hold so many messages of a month. */
function storing(goal: string, messages: number): Family {
  return {
    name: `storing-${messages}`,
    needsRedis: true,
    slow: true,
    goals: [
      {
        name: goal,
        title: `已存 ${messages} 条 ÷ 空库,批量送达 · with ${messages} messages stored ÷ empty, batches delivered`,
        atLeast: 0.7,
        aim: 0.85,
        lessIsBetter: false,
        valueOf: ratio('perSecond', 'hub, filled', 'hub, empty'),
      },
    ],
    open: async (stage) => {
      const registrations = new Registrations();
      const empty = await startPair(stage, { redis: true });
      const filled = await startPair(stage, { redis: true });
      await fillPair(filled, messages, DAYS);
      const pairs = [
        deliveringPair('hub, filled', filled, registrations),
        deliveringPair('hub, empty', empty, registrations),
      ];
      return {
        contenders: pairs.map(({ contender }) => contender),
        close: async () => {
          for (const pair of pairs) await pair.close();
          await filled.stop();
          await empty.stop();
        },
      };
    },
  };
}

/** A million messages: minutes to fill. */
export const storingMillion = storing('stored_1m_ratio', 1_000_000);

/** Ten million: a quarter of an hour to fill, and some 30 GB. */
export const storingTenMillion = storing('stored_10m_ratio', 10_000_000);
