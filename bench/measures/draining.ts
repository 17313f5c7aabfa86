import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { submitInBatches } from '../load/batches.js';
import { Registrations } from '../load/registrations.js';
import { ratio, type Family, type Sample } from '../measure.js';
import { countRows, startHub } from '../stage/hub.js';
import { acknowledged, startPair } from '../stage/pair.js';
import type { Stage } from '../stage/stage.js';
import { deliveringPair } from './delivering-pair.js';
import { freePort } from '../../launch/free-port.js';

const BACKLOG = 300_000;
/** Made at a time, so that this process does not hold all of it. */
const PORTION = 5_000;
const PATIENCE_SECONDS = 600;
const WARM_UP_SECONDS = 10;
/** Live traffic: as many registrations every so often. */
const LIVE = 100;
const LIVE_EVERY_MS = 1_000;

/** What a day without the national node leaves behind, drained with live traffic going on. */
export const draining: Family = {
  name: 'draining',
  needsRedis: true,
  slow: true,
  coldStart: true,
  mostRounds: 1,
  goals: [
    {
      name: 'backlog_ratio',
      title: `清空 ${BACKLOG} 条积压 ÷ 平稳速率 · draining ${BACKLOG} ÷ steady, live traffic going on`,
      atLeast: 0.7,
      aim: 0.9,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'draining', 'steady'),
    },
  ],
  open: async (stage) => {
    const pair = await startPair(stage, { redis: true });
    const { contender, close } = deliveringPair('steady', pair, new Registrations());
    await contender.round(WARM_UP_SECONDS);
    return {
      contenders: [contender, { name: 'draining', round: () => drain(stage) }],
      close: async () => {
        await close();
        await pair.stop();
      },
    };
  },
};

/** A province whose upstream is away, until it is there. */
async function drain(stage: Stage): Promise<Sample> {
  const port = await freePort();
  const upstream = { HUB_UPSTREAM_URL: `http://127.0.0.1:${port}` };
  const province = await startHub(stage, {
    redis: true,
    env: { HUB_REGION: '330000', ...upstream },
  });
  const client = createGrpcClient(Registration, province.address);
  const registrations = new Registrations();
  for (let held = 0; held < BACKLOG; held += PORTION)
    await submitInBatches(PATIENCE_SECONDS, [client], registrations.take(PORTION));
  const national = await startHub(stage, { redis: true, port, env: { HUB_LEVEL: 'national' } });
  const live = new LiveTraffic(client, registrations);
  const began = performance.now();
  await acknowledged(province, BACKLOG);
  const arrived = await countRows(national, 'messages');
  const seconds = (performance.now() - began) / 1000;
  await live.stop();
  client.close();
  await province.stop();
  await national.stop();
  return { perSecond: arrived / seconds, seconds };
}

/** Registrations that go on whatever else happens. */
class LiveTraffic {
  #sent: Promise<unknown> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(client: GrpcClient<typeof Registration>, registrations: Registrations) {
    this.#timer = setInterval(() => {
      const events = registrations.take(LIVE);
      this.#sent = this.#sent.then(() => submitInBatches(PATIENCE_SECONDS, [client], events));
    }, LIVE_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sent;
  }
}
