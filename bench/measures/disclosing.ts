import type { Knex } from 'knex';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { openDatabase } from '../../server/storage/database.js';
import { submitInBatches } from '../load/batches.js';
import { callFor } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Contender, type Family } from '../measure.js';
import { startHub, type Hub } from '../stage/hub.js';

const CALLERS = 64;
/** As many connections as the node has (HUB_DATABASE_POOL). */
const POOL = 12;
const HELD = 2_000;
const MOST_PER_SECOND = 12_000;
const PATIENCE_SECONDS = 300;

/** What the public asks, beside a select by primary key through a pool of the same kind and size. */
export const disclosing: Family = {
  name: 'disclosing',
  needsRedis: false,
  goals: [
    {
      name: 'disclosure_ratio',
      title: '公示查询速率 ÷ 主键查询 · GetDisclosure ÷ raw primary-key select, same pool',
      atLeast: 0.4,
      aim: 0.6,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub', 'select'),
    },
  ],
  open: async (stage) => {
    const hub = await startHub(stage, { redis: false, env: { HUB_REGION: '330000' } });
    const codes = await fill(hub);
    const client = createGrpcClient(DataCenter, hub.address);
    const knex = openDatabase({ url: stage.databaseUrl, schema: hub.schema, poolSize: POOL });
    return {
      contenders: [
        asking('hub', codes, (uscc) => client.getDisclosure({ uscc })),
        asking('select', codes, (uscc) => selectOne(knex, uscc)),
      ],
      close: async () => {
        client.close();
        await knex.destroy();
        await hub.stop();
      },
    };
  },
};

/** Registers enterprises; answers their codes. */
async function fill({ address }: Hub): Promise<string[]> {
  const client = createGrpcClient(Registration, address);
  const events = new Registrations().take(HELD);
  await submitInBatches(PATIENCE_SECONDS, [client], events);
  client.close();
  return events.map(({ uscc }) => uscc);
}

async function selectOne(knex: Knex, uscc: string): Promise<void> {
  await knex.raw('select * from enterprises where uscc = ?', [uscc]);
}

function asking(
  name: string,
  codes: readonly string[],
  ask: (uscc: string) => Promise<unknown>,
): Contender {
  return {
    name,
    round: async (seconds) => {
      const questions = Array.from(
        { length: seconds * MOST_PER_SECOND },
        (_, index) => codes[(index * 7919) % codes.length] ?? '',
      );
      const calls = await callFor(seconds, CALLERS, questions, ask);
      return { perSecond: calls.count / calls.seconds };
    },
  };
}
