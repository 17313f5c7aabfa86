import { pino } from 'pino';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { tendHistory } from '../../server/history/tend-history.js';
import { listMonths } from '../../server/storage/history-months.js';
import { query } from '../../server/storage/database.js';
import { callFor } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Contender, type Family } from '../measure.js';
import { fillPair } from '../reconcile-rows.js';
import type { Hub } from '../stage/hub.js';
import { startPair } from '../stage/pair.js';
import { deliveringPair } from './delivering-pair.js';

const MESSAGES = 1_000_000;
const DAYS = 3 * 365;
/** As the program does it when nothing is set. */
const POLICY = { afterDays: 90, keptMonths: undefined };
const CALLERS = 16;
const ASKED = 20_000;

/**
 * Years of settled work, moved into their months as a node does it by night, beside nodes without a past:
 * what comes in, and what a person asks of any message, must not cost more as the months add up.
 */
export const remembering: Family = {
  name: 'remembering',
  needsRedis: true,
  slow: true,
  goals: [
    {
      name: 'history_delivered_ratio',
      title: '三年历史 ÷ 无历史,批量送达 · three years of months ÷ none, batches delivered',
      atLeast: 0.7,
      aim: 0.85,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub, years', 'hub, empty'),
    },
    {
      name: 'history_asked_ratio',
      title: '三年历史 ÷ 无历史,追踪消息 · three years of months ÷ none, GetMessage',
      atLeast: 0.7,
      aim: 0.85,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'asking, years', 'asking, empty'),
    },
  ],
  open: async (stage) => {
    const registrations = new Registrations();
    const empty = await startPair(stage, { redis: true });
    const years = await startPair(stage, { redis: true });
    await fillPair(years, MESSAGES, DAYS);
    const months = await moveIntoMonths(years.province, stage.stopping);
    const pairs = [
      deliveringPair('hub, years', years, registrations),
      deliveringPair('hub, empty', empty, registrations),
    ];
    const askers = [
      askingAbout('asking, years', years.province),
      askingAbout('asking, empty', empty.province),
    ];
    return {
      contenders: [...pairs, ...askers].map(({ contender }) => contender),
      notes: [`${months} 个月的历史分区 · months of history, ${MESSAGES} messages in ${DAYS} days`],
      close: async () => {
        for (const one of [...pairs, ...askers]) await one.close();
        await years.stop();
        await empty.stop();
      },
    };
  },
};

/** Moves what is old into its months; answers how many there are then. */
async function moveIntoMonths({ knex }: Hub, stopping: AbortSignal): Promise<number> {
  // A node moves nothing in the first day after the upgrade that brought the months.
  await query(knex, `update migrations set migration_time = now() - interval '2 days'`);
  const parts = { knex, log: pino({ level: 'silent' }), node: '330000', policy: POLICY };
  const tended = await tendHistory(parts, Date.now(), stopping);
  if (tended?.complete !== true) throw new Error('the history was not moved');
  const stored = await listMonths(knex);
  return stored.filter(({ history, rows }) => history === 'deliveries' && rows !== 0).length;
}

/** Asks a node for the life lines of messages that it holds, of all its days. */
function askingAbout(
  name: string,
  hub: Hub,
): { readonly contender: Contender; close(): Promise<void> } {
  const client = createGrpcClient(Exchange, hub.address);
  const contender: Contender = {
    name,
    round: async (seconds) => {
      const { rows } = await query<{ messageId: string; sourceNode: string }>(
        hub.knex,
        `select message_id as "messageId", source_node as "sourceNode" from messages
          tablesample bernoulli (10) order by random() limit ?`,
        [ASKED],
      );
      const calls = await callFor(seconds, CALLERS, rows, (one) =>
        client.getMessage({ ...one, localOnly: true }),
      );
      return { perSecond: calls.count / calls.seconds };
    },
  };
  return {
    contender,
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}
