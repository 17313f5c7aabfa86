import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { callFor, type Calls } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Contender, type Family, type Sample } from '../measure.js';
import { cpuSecondsOf } from '../stage/process-usage.js';
import { startHub } from '../stage/hub.js';
import type { Stage } from '../stage/stage.js';
import { quantile } from '../statistics.js';
import { startEcho } from '../yardsticks/echo.js';
import { openRawTable, rawRows, type RawTable } from '../yardsticks/raw-table.js';

const CALLERS = 64;
/** As a service would have them; 64 callers share them. */
const INSERT_CONNECTIONS = 16;
/** More than any contender takes in a second here. */
const MOST_PER_SECOND = 6_000;

/**
 * One registration a call. The province is by itself, so that its deliveries, which are written with
 * every accept, wait: delivering is measured by the batch family.
 */
export const accepting: Family = {
  name: 'accepting',
  needsRedis: true,
  goals: [
    {
      name: 'unary_accept_ratio',
      title: '逐条受理速率 ÷ 空 gRPC 服务 · durable unary accepts ÷ bare grpc-js echo',
      atLeast: 0.5,
      aim: 0.75,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub', 'echo'),
    },
    {
      name: 'unary_cpu_ratio',
      title: '逐条受理的处理器时间 ÷ 空 gRPC 服务 · hub CPU per unary accept ÷ echo server CPU',
      atLeast: 2.5,
      aim: 1.6,
      lessIsBetter: true,
      valueOf: ratio('cpuMicroseconds', 'hub', 'echo'),
    },
    {
      name: 'accept_p99_ratio',
      title: '64 个调用方受理 p99 ÷ 单行插入 p99 · accept p99 ÷ plain insert p99, 64 callers each',
      atLeast: 0.35,
      aim: 0.2,
      lessIsBetter: true,
      valueOf: ratio('p99Ms', 'hub', 'insert'),
    },
  ],
  open: async (stage) => {
    const [hub, echo] = await Promise.all([startProvince(stage), startEcho()]);
    const client = createGrpcClient(Registration, hub.address);
    const table = await openRawTable(stage, INSERT_CONNECTIONS);
    const registrations = new Registrations();
    return {
      contenders: [
        submitting('hub', client, hub.pid, registrations),
        submitting('echo', echo.client, echo.pid, registrations),
        inserting(table, registrations),
      ],
      close: async () => {
        client.close();
        await table.close();
        await echo.stop();
        await hub.stop();
      },
    };
  },
};

function startProvince(stage: Stage) {
  const env = { HUB_REGION: '330000', HUB_BACKLOG_LIMIT: '100000000' };
  return startHub(stage, { redis: true, env });
}

function submitting(
  name: string,
  client: GrpcClient<typeof Registration>,
  pid: number,
  registrations: Registrations,
): Contender {
  return {
    name,
    round: async (seconds) => {
      const events = registrations.take(seconds * MOST_PER_SECOND);
      const before = await cpuSecondsOf(pid);
      const calls = await callFor(seconds, CALLERS, events, (registration) =>
        client.submitRegistration({ registration }),
      );
      const used = (await cpuSecondsOf(pid)) - before;
      return { ...sampleOf(calls), cpuMicroseconds: (used / calls.count) * 1e6 };
    },
  };
}

function inserting(table: RawTable, registrations: Registrations): Contender {
  return {
    name: 'insert',
    round: async (seconds) => {
      const rows = rawRows(registrations.take(seconds * MOST_PER_SECOND));
      return sampleOf(await callFor(seconds, CALLERS, rows, (row) => table.insertOne(row)));
    },
  };
}

function sampleOf({ count, seconds, latenciesMs }: Calls): Sample {
  return {
    perSecond: count / seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  };
}
