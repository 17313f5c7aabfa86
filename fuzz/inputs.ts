import { toBinary, toJson, type DescMethod, type Message } from '@bufbuild/protobuf';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { frame, type Answer } from './answer.js';
import { mutateBytes } from './binary-mutations.js';
import { mutateMessage } from './field-mutations.js';
import { wrongCall, wrongRequest } from './framing.js';
import { garbage } from './garbage.js';
import { mutateJson } from './json-mutations.js';
import type { Random } from './random.js';
import { seedOf } from './seeds.js';
import { sendBytes } from './socket-port.js';
import type { Target } from './target.js';

/** Every RPC of the contract, from its descriptors. */
export const METHODS: readonly DescMethod[] = [
  ScopeCatalog,
  Registration,
  Exchange,
  DataCenter,
].flatMap((service) => service.methods);

/** What accepts messages, and hence may write them by halves: half of all inputs go there. */
const ACCEPTING = METHODS.filter(({ name }) =>
  /^(Batch)?Submit|^Deliver|^Stream|^SetRec/.test(name),
);
/** Calls that are wrong around their content go where their content changes nothing. */
const ASKING = METHODS.filter(({ name }) => /^(Get|List|Search|Resolve(Scope)|Check)/.test(name));

/** One input: where it goes, and how it is sent. */
export interface Input {
  /** Such as `fields over gRPC`; the account counts by it. */
  readonly kind: string;
  readonly target: Target;
  /** Undefined for bytes that are no call. */
  readonly method: DescMethod | undefined;
  /** False when the protocol itself is broken, and an end without an answer is one. */
  readonly mustAnswer: boolean;
  send(): Promise<Answer>;
}

interface Making {
  readonly random: Random;
  readonly input: number;
  readonly target: Target;
  readonly method: DescMethod;
}

const pathOf = ({ parent, name }: DescMethod): string => `/${parent.typeName}/${name}`;
/** A stream of deliveries has no end of its own. */
const listenMsOf = ({ name }: DescMethod) => (name === 'PullMessages' ? { listenMs: 40 } : {});

function seed({ method, input, random, target }: Making): Message {
  return seedOf(method, { input, random, level: target.level });
}

function seedBytes(making: Making): Buffer {
  return Buffer.from(toBinary(making.method.input, seed(making)));
}

function overGrpc({ method, target }: Making, content: Uint8Array): Promise<Answer> {
  const chunks = [frame(content)];
  return target.grpc.send({ path: pathOf(method), chunks, ...listenMsOf(method) });
}

function overHttp({ method, target }: Making, type: string, body: Buffer): Promise<Answer> {
  const headers = { 'content-type': type };
  return target.http.send({ path: pathOf(method), headers, body, ...listenMsOf(method) });
}

function overJson(making: Making, body: Buffer): Promise<Answer> {
  if (making.method.methodKind === 'unary') return overHttp(making, 'application/json', body);
  return overHttp(making, 'application/connect+json', frame(body));
}

function mutatedMessage(making: Making): Message {
  return mutateMessage(making.method.input, seed(making), making.random);
}

function mutatedBytes(making: Making): Buffer {
  const other = seedBytes({ ...making, method: making.random.pick(METHODS) });
  return mutateBytes(seedBytes(making), making.random, other);
}

/** The JSON of a message; a message that has none, such as one with a date past all years, is sent as it is. */
function jsonOf(making: Making, message: Message): Buffer {
  try {
    return Buffer.from(JSON.stringify(toJson(making.method.input, message)));
  } catch {
    return Buffer.from(toBinary(making.method.input, message));
  }
}

type Kind = readonly [name: string, weight: number, send: (making: Making) => Promise<Answer>];

const KINDS: readonly Kind[] = [
  ['as it should be, over gRPC', 4, (m) => overGrpc(m, seedBytes(m))],
  ['as it should be, over JSON', 2, (m) => overJson(m, jsonOf(m, seed(m)))],
  ['fields over gRPC', 22, (m) => overGrpc(m, toBinary(m.method.input, mutatedMessage(m)))],
  ['fields over JSON', 14, (m) => overJson(m, jsonOf(m, mutatedMessage(m)))],
  ['bytes over gRPC', 18, (m) => overGrpc(m, mutatedBytes(m))],
  ['bytes over Connect', 6, (m) => overHttp(m, 'application/proto', mutatedBytes(m))],
  [
    'bytes over gRPC-Web',
    6,
    (m) => overHttp(m, 'application/grpc-web+proto', frame(mutatedBytes(m))),
  ],
  ['JSON', 16, (m) => overJson(m, mutateJson(toJson(m.method.input, seed(m)), m.random))],
];

/** Wrong around the content, or no call at all: connections may end without an answer. */
const BROKEN: readonly Kind[] = [
  [
    'gRPC framing',
    6,
    (m) =>
      m.target.brokenGrpc.send({
        ...listenMsOf(m.method),
        ...wrongCall(pathOf(m.method), seedBytes(m), m.random),
      }),
  ],
  [
    'HTTP framing',
    4,
    (m) => m.target.http.send(wrongRequest(pathOf(m.method), seedBytes(m), m.random)),
  ],
  ['bytes on the port', 2, (m) => sendBytes(m.target.address, garbage(m.random))],
];

const ALL = [...KINDS, ...BROKEN];
const TOTAL = ALL.reduce((sum, [, weight]) => sum + weight, 0);

/** Makes the input of a number: the same for the same seed. */
export function makeInput(input: number, random: Random, targets: readonly Target[]): Input {
  const kind = pickKind(random);
  const broken = BROKEN.includes(kind);
  const [name, , send] = kind;
  const among = broken ? ASKING : random.oneIn(2) ? ACCEPTING : METHODS;
  const method = random.pick(among);
  const making = { random, input, target: random.pick(targets), method };
  const streamsElsewhere = method.methodKind === 'bidi_streaming' && !name.endsWith('gRPC');
  return {
    kind: name,
    target: making.target,
    method: name === 'bytes on the port' ? undefined : method,
    mustAnswer: !broken && !streamsElsewhere,
    send: () => send(making),
  };
}

function pickKind(random: Random): Kind {
  let left = random.int(TOTAL);
  const chosen = ALL.find(([, weight]) => (left -= weight) < 0);
  if (!chosen) throw new Error('the weights do not add up');
  return chosen;
}
