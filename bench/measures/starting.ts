import { programWith } from '../../launch/program.js';
import { removeEmbeddedPostgres } from '../../server/postgres/embedded.js';
import { figure, type Family } from '../measure.js';
import { startChild } from '../stage/child.js';
import type { Stage } from '../stage/stage.js';
import { freePort } from '../../launch/free-port.js';

/** `npm start` with nothing but a data directory: its own PostgreSQL, the queue on it. */
export const starting: Family = {
  name: 'starting',
  needsRedis: false,
  coldStart: true,
  mostRounds: 3,
  goals: [
    {
      name: 'start_first_s',
      title: '首次 npm start 至就绪,秒 · npm start to ready, first time, seconds',
      atLeast: 15,
      aim: 8,
      lessIsBetter: true,
      valueOf: (round) => figure(round, 'hub', 'firstSeconds'),
    },
    {
      name: 'start_again_s',
      title: '再次 npm start 至就绪,秒 · npm start to ready, again, seconds',
      atLeast: 4,
      aim: 2,
      lessIsBetter: true,
      valueOf: (round) => figure(round, 'hub', 'againSeconds'),
    },
  ],
  open: (stage) =>
    Promise.resolve({
      contenders: [{ name: 'hub', round: () => startTwice(stage) }],
      close: () => Promise.resolve(),
    }),
};

async function startTwice(stage: Stage) {
  const dataDir = await stage.freshDirectory();
  try {
    const firstSeconds = await start(dataDir);
    const againSeconds = await start(dataDir);
    return { firstSeconds, againSeconds };
  } finally {
    await removeEmbeddedPostgres(dataDir);
  }
}

/** Seconds until it says that it listens; then it is stopped in order. */
async function start(dataDir: string): Promise<number> {
  const { options } = programWith({
    HUB_DATA_DIR: dataDir,
    HUB_PORT: String(await freePort()),
    HUB_LOG_LEVEL: 'warn',
  });
  const began = performance.now();
  const child = await startChild(
    { file: 'npm', args: ['start', '--silent'], options },
    /监听 listening/,
  );
  const seconds = (performance.now() - began) / 1000;
  await child.stop();
  return seconds;
}
