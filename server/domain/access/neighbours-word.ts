import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../errors.js';

/**
 * What a province has to do with a record, as this node knows it: it took it in, attributed it, or was sent
 * it (`party`); nobody here knows the record (`unknown`); or it is others' (`stranger`).
 */
export type Standing = 'party' | 'stranger' | 'unknown';

/** What a province says in a delivery, besides its content. */
export interface Word {
  readonly node: string;
  /** Node that took the message in, by the message. */
  readonly sourceNode: string;
  /** Province of the registration authority of a registration; undefined: none, or not known. */
  readonly registeredIn: string | undefined;
  /** Node that is said to have attributed the record; undefined: none is. */
  readonly attributedBy: string | undefined;
}

function refusal(zh: string, en: string): HubError {
  return new HubError(ErrorReason.WRONG_NODE, { zh, en });
}

/**
 * Why the national node does not believe a province, whatever is stored: a province speaks of what it
 * registered (R18) and attributed itself (D2). Undefined: it may say so. `ownRegistration`: the
 * message is a registration.
 */
export function objectionToWord(word: Word, ownRegistration: boolean): HubError | undefined {
  const { node, sourceNode, registeredIn, attributedBy } = word;
  if (ownRegistration && sourceNode !== node)
    return refusal(
      `登记信息须由受理节点自行上报;本条的数据汇总单位不是 ${node}。`,
      `A registration is reported by the node that took it in; the source node of this one is not ${node}.`,
    );
  if (ownRegistration && registeredIn !== undefined && registeredIn !== node)
    return refusal(
      `登记机关属节点 ${registeredIn},须由该节点上报。`,
      `The registration authority belongs to node ${registeredIn}, which has to report it.`,
    );
  if (attributedBy !== undefined && attributedBy !== node)
    return refusal(
      `记名节点须为上报节点 ${node};请由记名的节点上报。`,
      `What is attributed is reported by the node that attributed it, and that is not ${node}.`,
    );
  return undefined;
}

/** Refuses what a province says of a record with which it has nothing to do. */
export function notItsRecord(node: string): HubError {
  return refusal(
    `该记录既非节点 ${node} 受理或记名,也未下发至该节点;请由其来源节点报送。`,
    `Node ${node} neither took the record in, nor attributed it, nor was it sent it; its own node has to report it.`,
  );
}

/** Refuses what is given back to a node that has lost nothing. */
export function neverLost(): HubError {
  return refusal(
    '本节点没有由备份恢复的登记,或该消息晚于恢复时间,不接受退还。',
    'This node was not restored from a backup, or not since the message was taken in; nothing can be given back to it.',
  );
}
