import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Effect, MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryAction,
  DeliveryState,
  LifeLineStepSchema,
  Stage,
  type LifeLineStep,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { Bilingual } from '../../domain/errors.js';
import { unattributedTexts } from '../../domain/record/attribution.js';
import { tellsOfLatePublication } from '../../domain/record/late-publication.js';
import type { RecordState } from '../../domain/record/record-state.js';
import { ruleById } from '../../domain/routing/route.js';
import type { RuleId } from '../../domain/routing/table.js';
import type {
  StoredDelivery,
  StoredMessage,
  StoredPackageStep,
} from '../../storage/message-history.js';
import { nodeName } from '../destinations.js';

/** What a node knows of a message. */
export interface LifeLineFacts {
  readonly node: string;
  readonly level: 'national' | 'provincial';
  readonly message: StoredMessage;
  readonly deliveries: readonly StoredDelivery[];
  readonly packages: readonly StoredPackageStep[];
  /** The record, when this message is its current version. */
  readonly record: RecordState | undefined;
  /** Whether what persons typed is told as well: names, reasons, what a far node said (sight.ts). */
  readonly words: boolean;
}

type Words = Pick<LifeLineFacts, 'words'>;

interface StepFacts {
  readonly stage: Stage;
  readonly at: Date;
  readonly text: Bilingual;
  readonly rule?: string;
  readonly destination?: string;
}

/** This node's part of a life line, in order of time. Nothing of the content is in it. */
export function lifeLine(facts: LifeLineFacts): LifeLineStep[] {
  return [
    ...arrival(facts),
    ...facts.packages.flatMap((step) => packageSteps(step, facts)),
    ...facts.deliveries.flatMap((delivery) => deliverySteps(delivery, facts)),
    ...recordSteps(facts),
  ]
    .sort((a, b) => a.at.getTime() - b.at.getTime() || a.stage - b.stage)
    .map((step) => toStep(step, facts.node));
}

function toStep(
  { stage, at, text, rule = '', destination = '' }: StepFacts,
  node: string,
): LifeLineStep {
  return create(LifeLineStepSchema, {
    stage,
    node,
    at: timestampFromDate(at),
    rule,
    clause: ruleById(rule)?.clause ?? '',
    destination,
    textZh: text.zh,
    textEn: text.en,
  });
}

function arrival({ message, node, level }: LifeLineFacts): StepFacts[] {
  const { acceptedAt: at } = message;
  // Of what was found when it came; that it was published late is found afterwards.
  const warnings = message.warnings.filter((one) => !tellsOfLatePublication(one));
  const from =
    message.origin === 'client'
      ? { zh: '', en: '' }
      : {
          zh: `,来自 ${message.origin} ${nodeName(message.origin)}`,
          en: ` from ${message.origin}`,
        };
  const steps: StepFacts[] = [
    {
      stage: Stage.VALIDATED,
      at,
      text: {
        zh: `已接收并校验${from.zh},${warnings.length} 条提示`,
        en: `received${from.en} and validated, ${warnings.length} warning(s)`,
      },
    },
    {
      stage: Stage.STORED,
      at,
      text:
        message.effect === Effect.STALE
          ? {
              zh: '已保存;版本陈旧,不改变现状',
              en: 'stored; older than what is held, changes nothing',
            }
          : { zh: '已持久保存', en: 'stored durably' },
    },
  ];
  if (message.kind !== MessageKind.REGISTRATION || message.effect !== Effect.APPLIED) return steps;
  const home = message.sourceNode === node || level === 'national';
  return [
    ...steps,
    {
      stage: Stage.APPLIED,
      at,
      text: { zh: '已更新企业登记现状', en: 'the current registration is updated' },
    },
    ...(home
      ? [
          {
            stage: Stage.PUBLISHED,
            at,
            rule: 'PUBLISH-REGISTRATION' satisfies RuleId,
            text: { zh: '登记信息已公示', en: 'registration published' },
          },
        ]
      : []),
  ];
}

function packageSteps(
  { deptCode, deptName, rules, status, at, packageId }: StoredPackageStep,
  { words }: Words,
): StepFacts[] {
  const rule = rules[0] ?? '';
  if (status === PackageStatus.BUILT)
    return [
      {
        stage: Stage.ROUTED,
        at,
        rule,
        destination: deptCode,
        text: {
          // Typed by whoever reassigned it.
          zh: `已为 ${words ? deptName : deptCode} 生成数据包 ${packageId}`,
          en: `package ${packageId} built for ${deptCode}`,
        },
      },
    ];
  return [
    {
      stage: Stage.TAKEN,
      at,
      rule,
      destination: deptCode,
      text: {
        zh: `数据包 ${packageId}: ${packageStatusZh[status as PackageStatus]}`,
        en: `package ${packageId}: ${PackageStatus[status]?.toLowerCase() ?? ''}`,
      },
    },
  ];
}

const packageStatusZh: Readonly<Record<PackageStatus, string>> = {
  [PackageStatus.UNSPECIFIED]: '',
  [PackageStatus.BUILT]: '已生成',
  [PackageStatus.SENT]: '已取走',
  [PackageStatus.DEEMED_DELIVERED]: '视为已送达',
  [PackageStatus.FAILED]: '失败',
  [PackageStatus.RECEIVED]: '部门已接收',
  [PackageStatus.CLAIMED]: '部门已认领',
  [PackageStatus.RETURNED]: '部门退回',
  [PackageStatus.REASSIGNED]: '重新指派',
  [PackageStatus.TERMINATED]: '终止推送',
};

const HELD_BACK = ruleById('UP-HELD-BACK');

function deliverySteps(delivery: StoredDelivery, told: Words): StepFacts[] {
  const { rule, destination, createdAt } = delivery;
  const why = ruleById(rule)?.why ?? { zh: '', en: '' };
  const withdrawal = delivery.action === DeliveryAction.WITHDRAW;
  const held = delivery.state === DeliveryState.HELD_BACK;
  const routed: StepFacts = {
    stage: Stage.ROUTED,
    at: createdAt,
    rule: held ? HELD_BACK.id : rule,
    destination,
    text: withdrawal
      ? {
          zh: `向 ${destination} 发出撤回(不含内容)`,
          en: `content-free withdrawal to ${destination}`,
        }
      : held
        ? {
            zh: `未发往 ${destination}:${HELD_BACK.why.zh}`,
            en: `held back from ${destination}: ${HELD_BACK.why.en}`,
          }
        : { zh: `发往 ${destination}:${why.zh}`, en: `to ${destination}: ${why.en}` },
  };
  return [routed, ...replaySteps(delivery, told), ...outcomeSteps(delivery, told)];
}

function replaySteps(delivery: StoredDelivery, { words }: Words): StepFacts[] {
  const { destination, replayedBy: by, replayedAt: at, replayReason: reason } = delivery;
  if (!by || !at) return [];
  const text = words
    ? {
        zh: `${by} 重新投递到 ${destination}${reason ? `:${reason}` : ''}`,
        en: `sent to ${destination} again by ${by}${reason ? `: ${reason}` : ''}`,
      }
    : { zh: `经人工重新投递到 ${destination}`, en: `sent to ${destination} again by hand` };
  return [{ stage: Stage.ROUTED, at, destination, text }];
}

function outcomeSteps(delivery: StoredDelivery, { words }: Words): StepFacts[] {
  const { state, settledAt, destination, farNaming } = delivery;
  const why = words ? delivery.lastError : (ErrorReason[delivery.lastReason] ?? '');
  if (!settledAt) return [];
  if (state === DeliveryState.DEAD)
    return [
      {
        stage: Stage.ROUTED,
        at: settledAt,
        destination,
        text: {
          zh: `${destination} 退回,成为死信:${why}`,
          en: `refused by ${destination}, dead letter: ${why}`,
        },
      },
    ];
  if (state !== DeliveryState.ACKNOWLEDGED) return [];
  const named = farNaming === NamingState.NAMED;
  return [
    {
      stage: Stage.TAKEN,
      at: settledAt,
      destination,
      text: named
        ? { zh: `${destination} 已取,已记名`, en: `taken by ${destination}, attributed` }
        : { zh: `${destination} 已取`, en: `taken by ${destination}` },
    },
  ];
}

function recordSteps({ record, node, words }: LifeLineFacts): StepFacts[] {
  if (!record) return [];
  const by = words ? record.resolvedBy : '';
  const steps: StepFacts[] = [];
  if (record.naming === 'named' && record.namedAtMs !== undefined && record.namedBy === node)
    steps.push({
      stage: Stage.APPLIED,
      at: new Date(record.namedAtMs),
      rule: 'VR25',
      text: {
        zh: `已记名(${record.method}${by ? `,${by}` : ''})`,
        en: `attributed (${record.method}${by ? ` by ${by}` : ''})`,
      },
    });
  if (record.reason && record.waitingSinceMs !== undefined)
    steps.push({
      stage: Stage.STORED,
      at: new Date(record.waitingSinceMs),
      rule: 'VR25',
      text: waitingText(record, words),
    });
  if (record.publishedAtMs !== undefined)
    steps.push({
      stage: Stage.PUBLISHED,
      at: new Date(record.publishedAtMs),
      text: { zh: '已公示', en: 'published' },
    });
  return steps;
}

function waitingText(record: RecordState, words: boolean): Bilingual {
  if (record.sentBack) {
    const why = words ? record.sentBack : UnattributedReason[record.reason];
    return { zh: `未能记名,已退回:${why}`, en: `sent back: ${why}` };
  }
  const { zh, en } = unattributedTexts[record.reason];
  return { zh: `等待:${zh}`, en: `waiting: ${en}` };
}
