import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Stage, type GetMessageResponse } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { DemoNode } from './nodes.js';

/** Names of the stages A1–A6. */
const STAGES: Readonly<Record<Stage, string>> = {
  [Stage.UNSPECIFIED]: '',
  [Stage.VALIDATED]: 'A1 已校验 validated',
  [Stage.STORED]: 'A2 已保存 stored',
  [Stage.ROUTED]: 'A3 已路由 routed',
  [Stage.TAKEN]: 'A4 对方已取 taken',
  [Stage.APPLIED]: 'A5 已生效 applied',
  [Stage.PUBLISHED]: 'A6 已公示 published',
};

/** Asks a node for everything that happened to a message, at every node on its way. */
export async function readLifeLine(
  { exchange }: DemoNode,
  envelope: { readonly messageId: string; readonly sourceNode: string } | undefined,
): Promise<GetMessageResponse> {
  if (!envelope) throw new Error('The message has no envelope.');
  return exchange.getMessage({ messageId: envelope.messageId, sourceNode: envelope.sourceNode });
}

/** What is missing from a life line that ran through all stages; empty when nothing is. */
export function missingSteps(line: GetMessageResponse, nodes: readonly string[]): string[] {
  const stages = new Set(line.steps.map(({ stage }) => stage));
  const seen = new Set(line.steps.map(({ node }) => node));
  return [
    ...Object.values(Stage)
      .filter((stage): stage is Stage => typeof stage === 'number' && stage !== Stage.UNSPECIFIED)
      .filter((stage) => !stages.has(stage))
      .map((stage) => STAGES[stage]),
    ...nodes.filter((node) => !seen.has(node)),
    ...line.unreachableNodes.map((node) => `${node} 未答复 unreachable`),
  ];
}

/** One line per step, in order of time. */
export function lifeLineText(line: GetMessageResponse): string[] {
  return line.steps.flatMap((step) => {
    const at = step.at ? timestampDate(step.at).toISOString().slice(11, 23) : '';
    const why = [step.rule, step.clause].filter((part) => part !== '').join('  ');
    const head = `  ${at}Z  ${step.node}  ${STAGES[step.stage]}${why === '' ? '' : `  [${why}]`}`;
    return [head, `${' '.repeat(18)}${step.textZh} · ${step.textEn}`];
  });
}
