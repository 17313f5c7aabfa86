import { create } from '@bufbuild/protobuf';
import {
  DestinationKind,
  DestinationSchema,
  RouteOutcome,
  type Destination,
} from '#gen/zhengzhao/v1/common_pb.js';
import type { DecidedLeg } from '../domain/decision/decision.js';
import type { Leg, Outcome } from '../domain/routing/table.js';
import { HUB_NODES } from '../reference/nodes.js';

const kinds: Readonly<Record<Leg, DestinationKind>> = {
  up: DestinationKind.NATIONAL,
  down: DestinationKind.PROVINCE,
  department: DestinationKind.DEPARTMENT,
  publicity: DestinationKind.PUBLICITY,
  share: DestinationKind.SHARE,
};

const outcomes: Readonly<Record<Outcome, RouteOutcome>> = {
  send: RouteOutcome.SEND,
  'held-back': RouteOutcome.HELD_BACK,
  wait: RouteOutcome.WAIT,
  none: RouteOutcome.UNSPECIFIED,
};

/** Chinese name of a node; empty for a code that is none. */
export function nodeName(code: string): string {
  return HUB_NODES.find((node) => node.code === code)?.nameZh ?? '';
}

/** A decided leg as a caller reads it. */
export function toDestination({ row, code, name, permitItemCodes }: DecidedLeg): Destination {
  return create(DestinationSchema, {
    kind: kinds[row.leg],
    code,
    name: name || nodeName(code),
    outcome: outcomes[row.outcome],
    rule: row.id,
    clause: row.clause,
    reasonZh: row.why.zh,
    reasonEn: row.why.en,
    permitItemCodes: [...permitItemCodes],
  });
}
