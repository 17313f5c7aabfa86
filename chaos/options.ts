import { parseArgs } from 'node:util';

/** What a run was asked for. */
export interface Options {
  /** It goes on until so many messages were accepted. */
  readonly messages: number;
  /** It goes on for so many minutes. */
  readonly minutes: number;
  /** It goes on until so many processes and servers were killed. */
  readonly kills: number;
  readonly seed: number;
  /** Clients that send one message a call. */
  readonly clients: number;
  /** Clients that send batches and streams. */
  readonly batchers: number;
  /** Longest pause, in seconds, between two faults of the same gremlin; there are three of them. */
  readonly pause: number;
  /** Prints one JSON object instead of the account. */
  readonly json: boolean;
  /** Leaves logs behind and says where. */
  readonly keepLogs: boolean;
}

/** How the command is used. */
export const USAGE = `npm run chaos [-- --messages N] [-- --minutes M] [-- --kills K] [-- --seed S] [-- --clients C] [-- --batchers B] [-- --pause S] [-- --json]
  --messages N   至少受理 N 条消息 · at least so many accepted messages (0)
  --minutes M    至少 M 分钟 · at least so many minutes (3; 0 when --messages is given)
  --kills K      至少杀死 K 次 · at least so many kills (0)
  --seed S       随机种子 · of all choices (a random one, which is printed)
  --clients C    逐条上报的客户端数 · clients that send one message a call (12)
  --batchers B   成批上报的客户端数 · clients that send batches and streams of a hundred (1)
  --pause S      同一故障源两次故障的最长间隔,秒 · longest pause between faults, seconds (2.5)
  --json         结果为一行 JSON · the result as a line of JSON
  --keep-logs    保留各节点日志 · leave the logs of the nodes behind
`;

const DEFAULT_MINUTES = 3;
const DEFAULT_CLIENTS = 12;
const DEFAULT_BATCHERS = 1;
const DEFAULT_PAUSE_S = 2.5;

/** Reads the command line. Undefined: only help is wanted. Throws for what is not a number. */
export function readOptions(args: readonly string[], chance: () => number): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      messages: { type: 'string' },
      minutes: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      clients: { type: 'string' },
      batchers: { type: 'string' },
      pause: { type: 'string' },
      json: { type: 'boolean' },
      'keep-logs': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const messages = numberOf('messages', values.messages, 0);
  return {
    messages,
    minutes: numberOf('minutes', values.minutes, messages > 0 ? 0 : DEFAULT_MINUTES),
    kills: numberOf('kills', values.kills, 0),
    seed: numberOf('seed', values.seed, Math.floor(chance() * 1_000_000_000)),
    clients: Math.max(1, numberOf('clients', values.clients, DEFAULT_CLIENTS)),
    pause: numberOf('pause', values.pause, DEFAULT_PAUSE_S),
    batchers: numberOf('batchers', values.batchers, DEFAULT_BATCHERS),
    json: values.json ?? false,
    keepLogs: values['keep-logs'] ?? false,
  };
}

function numberOf(name: string, text: string | undefined, preset: number): number {
  const value = text === undefined ? preset : Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`--${name}: 应为非负数 · should be a number that is not negative`);
  return value;
}
