import { fromBinary, fromJsonString, type DescMethod, type Message } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Answer } from './answer.js';
import type { Input } from './inputs.js';

/** Codes that put the blame on the node. */
const BLAME = [
  'INTERNAL',
  'UNKNOWN',
  'DATA_LOSS',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'UNREADABLE',
];

/** A line of a stack, a source file, a statement, or a driver's words. */
const INSIDE =
  /\n\s+at .{1,200}:\d+:\d+|node_modules|\.tsx?:\d+|file:\/\/\/|\binsert into \w|violates \S+ constraint|invalid input syntax|invalid byte sequence|ECONN/;

/** What is wrong with an answer; undefined when nothing is. */
export function judge(input: Input, answer: Answer): string | undefined {
  if (answer.end === 'hung') return 'no answer within the deadline';
  if (answer.end === 'closed' && input.mustAnswer) return 'the call ended without an answer';
  if (answer.gaveNoTime && answer.code === 'DEADLINE_EXCEEDED') return undefined;
  if (BLAME.includes(answer.code)) return `the node takes the blame: ${answer.code}`;
  const [inside] = INSIDE.exec(answer.said) ?? [];
  if (inside !== undefined) return `the answer shows the program's inside: ${inside.trim()}`;
  const { method } = input;
  if (answer.code === 'OK' && method && messagesOf(method, answer).some(blamesInside))
    return 'a result in the answer says INTERNAL';
  return undefined;
}

/** How many messages an answer says were newly accepted. */
export function acceptedBy(method: DescMethod, answer: Answer): number {
  if (answer.code !== 'OK' && answer.bodies.length === 0) return 0;
  if (!/^(Batch)?Submit|^Stream|^SetRec/.test(method.name)) return 0;
  return messagesOf(method, answer).reduce((sum, message) => sum + receiptsIn(message), 0);
}

/** Answers in binary or in JSON; an empty one is binary. */
function messagesOf(method: DescMethod, { bodies }: Answer): Message[] {
  return bodies.flatMap((body) => {
    try {
      const isJson = body[0] === 0x7b;
      return [
        isJson ? fromJsonString(method.output, body.toString()) : fromBinary(method.output, body),
      ];
    } catch {
      // Pages and other answers that belong to no method of the contract.
      return [];
    }
  });
}

interface Result {
  readonly receipt?: { readonly duplicate: boolean };
  readonly refusal?: { readonly reason: ErrorReason };
  readonly outcome?: { readonly case?: string; readonly value?: unknown };
}

const resultsOf = (message: Message): readonly Result[] =>
  (message as { results?: readonly Result[] }).results ?? [message as Result];

function receiptsIn(message: Message): number {
  return resultsOf(message).filter(({ receipt, outcome }) => {
    const told = outcome?.case === 'receipt' ? (outcome.value as Result['receipt']) : receipt;
    return told !== undefined && !told.duplicate;
  }).length;
}

function blamesInside(message: Message): boolean {
  return resultsOf(message).some(({ refusal, outcome }) => {
    const told = outcome?.case === 'refusal' ? (outcome.value as Result['refusal']) : refusal;
    return told?.reason === ErrorReason.INTERNAL;
  });
}
