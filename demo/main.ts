import { parseArgs } from 'node:util';
import { printAccount } from './account.js';
import { examine } from './examination.js';
import { openNetwork, NODE_NAMES, type Network } from './nodes.js';
import { Progress } from './progress.js';
import { today } from './record-forms.js';
import { tellStory } from './story.js';

const USAGE = `npm run demo [-- --keep] [-- --redis URL]
  --keep       节点继续运行,直到 Ctrl-C · the nodes stay until Ctrl-C
  --redis URL  队列放在 Redis · queues on Redis instead of PostgreSQL
`;

/** Ctrl-C: the story stops where it is and the nodes are still ended in order. */
class Interrupted extends Error {}

interface Interrupt {
  readonly signal: AbortSignal;
  readonly happened: Promise<never>;
  /** From here on a signal ends the process as usual. */
  ignore(): void;
}

function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  const interrupt = (): void => {
    controller.abort(new Interrupted('Ctrl-C'));
  };
  const happened = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Interrupted('Ctrl-C'));
    });
  });
  happened.catch(() => undefined);
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    signal,
    happened,
    ignore: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}

/** Sends the story, examines what came of it and prints the account; false when a figure is off. */
async function run(network: Network, progress: Progress): Promise<boolean> {
  const day = today();
  const story = await tellStory(network, progress);
  progress.say('核对各节点', 'examining the nodes');
  const examination = await examine(network, story, day);
  progress.end();
  printAccount(story, examination, progress.seconds);
  return examination.problems.length === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean' }, redis: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const interrupt = onInterrupt();
  const progress = new Progress();
  progress.say(
    '启动总局、浙江、广东三个节点',
    'starting three nodes: national, Zhejiang, Guangdong',
  );
  const network = await openNetwork(values.redis ?? '', interrupt.signal);
  let status = 1;
  try {
    const story = run(network, progress);
    story.catch(() => undefined);
    status = (await Promise.race([story, interrupt.happened])) ? 0 : 1;
    if (values.keep) await explore(network, interrupt.happened);
  } catch (error) {
    progress.end();
    if (!(error instanceof Interrupted)) throw error;
    process.stdout.write('\nCtrl-C: 正在停止各节点 · stopping the nodes …\n');
  } finally {
    const problems = await network.close();
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    if (problems.length > 0) status = 1;
    interrupt.ignore();
  }
  return status;
}

async function explore({ all }: Network, interrupted: Promise<never>): Promise<void> {
  process.stdout.write('\n节点仍在运行,Ctrl-C 停止 · the nodes keep running until Ctrl-C\n');
  for (const { code, address, logFile } of all)
    process.stdout.write(`  ${code} ${NODE_NAMES[code]}  ${address}  ${logFile}\n`);
  await interrupted;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.exitCode = 1;
    if (error instanceof Interrupted) {
      process.stdout.write('\nCtrl-C: 已停止 · stopped\n');
      return;
    }
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  },
);
