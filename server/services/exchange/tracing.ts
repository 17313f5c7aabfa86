import { create } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Knex } from 'knex';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import {
  DeliveryAction,
  GetMessageResponseSchema,
  type Exchange,
  type GetMessageRequest,
  type GetMessageResponse,
  type LifeLineStep,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import type { HubClient } from '../../../clients/client.js';
import type { Call, ServiceMethods } from '../../doors/service.js';
import { NOTHING, type Principal } from '../../domain/access/principal.js';
import {
  isParty,
  maySeeDigest,
  maySeeWords,
  type MessageFacts,
} from '../../domain/access/sight.js';
import { notFound } from '../../domain/errors.js';
import type { RecordState } from '../../domain/record/record-state.js';
import { mayGoUp } from '../../domain/upward-filter.js';
import { storedReceipt } from '../../intake/receipts.js';
import {
  deliveriesOf,
  findMessage,
  packageStepsOf,
  recordOf,
  type StoredDelivery,
  type StoredMessage,
} from '../../storage/message-history.js';
import type { MessageId } from '../../storage/messages.js';
import { required } from '../required.js';
import { lifeLine } from './life-line.js';

/** What following a message needs. */
export interface TracingParts {
  readonly knex: Knex;
  readonly node: string;
  readonly nationalNode: string;
  readonly level: 'national' | 'provincial';
  /** Client of a neighbouring node; undefined when it can't be called. */
  readonly neighbour: (node: string) => Pick<HubClient<typeof Exchange>, 'getMessage'> | undefined;
}

const GET_MESSAGE = 'zhengzhao.v1.Exchange/GetMessage';

/** Time a neighbour has to answer; the life line is then shown without it. */
const NEIGHBOUR_TIMEOUT_MS = 5_000;

interface Trace {
  readonly answer: GetMessageResponse;
  /** Nodes that the message was sent to or came from. */
  readonly neighbours: readonly string[];
}

/** Who asks. */
interface Asker {
  readonly by: Principal;
  /** It asks for another node, whatever it proved to be: nodes that are tried out call like anybody. */
  readonly forNode: boolean;
}

/**
 * Nodes that are tried out call like anybody. Who asks a province for another node is the national one (R52),
 * and learns there as little of what is not public as one that proved who it is (R55).
 */
function askerOf(
  { principal }: Pick<Call, 'principal'>,
  { askedNodes }: Pick<GetMessageRequest, 'askedNodes'>,
  { level, nationalNode }: TracingParts,
): Asker {
  const forNode = askedNodes.length > 0;
  const isNational = forNode && principal.role === 'trial' && level === 'provincial';
  if (!isNational) return { by: principal, forNode };
  return { by: { ...principal, role: 'node', code: nationalNode, scope: NOTHING }, forNode };
}

async function traceHere(
  parts: TracingParts,
  { sourceNode, messageId }: MessageId,
  { by, forNode }: Asker,
): Promise<Trace> {
  const { knex, node, level } = parts;
  const message = await findMessage(knex, { sourceNode, messageId });
  if (!message) throw notFound('该消息', 'message');
  const [deliveries, packages, held] = await Promise.all([
    deliveriesOf(knex, message),
    packageStepsOf(knex, message),
    recordOf(knex, message.seq),
  ]);
  const reached = deliveries.filter((delivery) => delivery.attempts > 0);
  const facts = factsOf(message, reached, held, level);
  if (!isParty(by, GET_MESSAGE, facts)) throw notFound('该消息', 'message');
  const record = held?.messageSeq === message.seq ? held : undefined;
  const naming = record?.naming === 'named' ? NamingState.NAMED : NamingState.UNNAMED;
  const receipt = storedReceipt(message, node);
  const whole = maySeeDigest(by, facts) && !forNode;
  const answer = create(GetMessageResponseSchema, {
    receipt: whole ? receipt : { ...receipt, digest: '', proof: undefined },
    kind: message.kind,
    businessKey: message.businessKey,
    recordVersion: BigInt(message.recordVersion),
    namingState: record ? naming : NamingState.UNSPECIFIED,
    steps: lifeLine({
      ...{ node, level, message, deliveries, packages, record },
      words: maySeeWords(by) && !forNode,
    }),
    warnings: whole ? [...message.warnings] : [],
  });
  const destinations = reached.map(({ destination }) => destination);
  return {
    answer,
    neighbours: [...destinations, ...(message.origin === 'client' ? [] : [message.origin])],
  };
}

/**
 * What decides who may follow a message. A withdrawal goes by the message that carries the mark, which
 * itself never left: to whom a province sent nothing but that, it sent nothing of this message (D7).
 * Downward nothing is filtered (R54).
 */
function factsOf(
  message: StoredMessage,
  reached: readonly StoredDelivery[],
  held: RecordState | undefined,
  level: TracingParts['level'],
): MessageFacts {
  const upward = level === 'provincial';
  const sent = upward ? reached.filter(({ action }) => action === DeliveryAction.CARRY) : reached;
  const ofRecord = message.kind !== MessageKind.REGISTRATION;
  return {
    ...message,
    sentTo: sent.map(({ destination }) => destination),
    hidden: upward && ofRecord && !mayGoUp(message.recordKind, held?.nonPublic),
  };
}

/** Follows a message over every node on its way (A1–A6): this node tells its part, neighbours theirs. */
export function createTracingMethods(
  parts: TracingParts,
): Pick<ServiceMethods<typeof Exchange>, 'getMessage'> {
  return {
    async getMessage(request, call) {
      const messageId = required(request.messageId, 'message_id');
      const sourceNode = request.sourceNode || parts.node;
      const { answer, neighbours } = await traceHere(
        parts,
        { sourceNode, messageId },
        askerOf(call, request, parts),
      );
      if (request.localOnly) return answer;
      const asked = new Set([...request.askedNodes, parts.node]);
      const open = [...new Set(neighbours)].filter((node) => !asked.has(node));
      const askedNodes = [...asked, ...open];
      const told = await Promise.all(
        open.map((node) => askNeighbour(parts, node, { messageId, sourceNode, askedNodes })),
      );
      return {
        ...answer,
        steps: inOrder([answer, ...told.flatMap((part) => part.answer ?? [])]),
        unreachableNodes: told.flatMap((part) => [
          ...(part.answer ? part.answer.unreachableNodes : [part.node]),
        ]),
      };
    },
  };
}

async function askNeighbour(
  parts: TracingParts,
  node: string,
  request: { messageId: string; sourceNode: string; askedNodes: string[] },
): Promise<{ readonly node: string; readonly answer: GetMessageResponse | undefined }> {
  try {
    const answer = await parts
      .neighbour(node)
      ?.getMessage(request, { timeoutMs: NEIGHBOUR_TIMEOUT_MS });
    return { node, answer };
  } catch {
    // Down, slow, or it does not have the message: the caller is told that this part is missing.
    return { node, answer: undefined };
  }
}

function inOrder(answers: readonly GetMessageResponse[]): LifeLineStep[] {
  return answers
    .flatMap((answer) => answer.steps)
    .map((step, index) => ({ step, index, at: step.at ? timestampMs(step.at) : 0 }))
    .sort((a, b) => a.at - b.at || a.step.stage - b.step.stage || a.index - b.index)
    .map(({ step }) => step);
}
