import { toJson } from '@bufbuild/protobuf';
import { MessageKindSchema, NamingStateSchema } from '#gen/zhengzhao/v1/common_pb.js';
import {
  Exchange,
  GetMessageResponseSchema,
  type GetMessageResponse,
  type LifeLineStep,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { findingsTable } from '../failure.js';
import { factsOf, listOf } from '../table.js';
import { nameOf, option, timeOf } from '../words.js';

interface TraceOptions {
  readonly sourceNode?: string;
  readonly local?: true;
}

/** `trace`: the whole life of a message over every node, A1 to A6. */
export const trace: Group = (program) => {
  addCommand<TraceOptions>(program, {
    name: 'trace',
    zh: '追踪消息:生命线 A1–A6,逐步给出规则与条款',
    en: 'the life of a message, A1 to A6, with the rule and clause of each step',
    arguments: [{ name: '<message-id>', zh: '消息编号', en: 'id of the message' }],
    options: [
      option(
        '--source-node <code>',
        '数据汇总单位,默认本节点',
        'its source node; this one by default',
      ),
      option('--local', '只问本节点', 'asks this node only'),
    ],
    run: traceMessage,
  });
};

async function traceMessage({ hub, args, options }: Call<TraceOptions>): Promise<Answer> {
  const answer = await hub.client(Exchange).getMessage({
    messageId: args[0] ?? '',
    sourceNode: options.sourceNode ?? '',
    localOnly: options.local === true,
  });
  const parts = [headOf(answer), lifeLineOf(answer.steps), findingsTable(answer.warnings)];
  return {
    json: toJson(GetMessageResponseSchema, answer),
    text: parts.filter((part) => part !== '').join('\n\n'),
  };
}

function headOf(answer: GetMessageResponse): string {
  return factsOf([
    ['消息 message', answer.receipt?.messageId ?? ''],
    ['类别 kind', nameOf(MessageKindSchema, answer.kind)],
    ['业务主键 key', `${answer.businessKey} (${answer.recordVersion})`],
    ['记名 naming', nameOf(NamingStateSchema, answer.namingState)],
    ['回执 receipt', answer.receipt?.receiptNo ?? ''],
    ['未答复节点 not answering', answer.unreachableNodes.join(', ')],
  ]);
}

function lifeLineOf(steps: readonly LifeLineStep[]): string {
  return listOf(
    ['阶段', '时间 at', '节点 node', '去向 to', '规则 rule', '条款 clause', '发生 what happened'],
    steps.map((step) => [
      `A${step.stage}`,
      timeOf(step.at),
      step.node,
      step.destination,
      step.rule,
      step.clause,
      `${step.textZh}\n${step.textEn}`,
    ]),
  );
}
