import { DeliveryAction, DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { civilDateIn } from '../../domain/identifiers/civil-date.js';
import {
  countDispatches,
  DISPATCH_STATES,
  type DispatchCountRow,
} from '../../storage/package-dispatch.js';
import {
  countDeliveries,
  countGoneUp,
  countIntake,
  countPackages,
  countRefusals,
  type DeliveryCountRow,
  type IntakeRow,
  type PackageCountRow,
  type RefusalCountRow,
  type Span,
} from '../../storage/reports.js';
import type { DataCenterParts } from '../data-center.js';
import { checkDateRange, endOfDay, startOfDay } from './date-range.js';
import { mappingDefects } from './mapping-defects.js';
import { RequestCheck } from './request-check.js';
import { awaited, reconciliations, senderDays, silence } from './sender-report.js';

const MAX_DAYS = 366;

/**
 * 交换报表: what came, went, was refused and was held back on these days. The alarm of R55 looks at
 * everything the node holds, whatever the days.
 */
export function reportMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'getExchangeReport'> {
  const { knex, node, level } = parts;
  return {
    async getExchangeReport(request) {
      const { nowMs, nationalNode, catalogOn } = parts.context();
      const today = civilDateIn(nowMs);
      const span = spanOf(request, today);
      const publisher = level === 'provincial' ? node : '';
      const intake = await countIntake(knex, span, publisher);
      const deliveries = await countDeliveries(knex, span);
      const packages = await countPackages(knex, span);
      const dispatches = await countDispatches(knex, span);
      const refusals = await countRefusals(knex, span);
      const goneUp = level === 'provincial' ? await countGoneUp(knex, nationalNode) : 0;
      return {
        node,
        intake: intake.map(toIntakeCount),
        destinations: [
          ...deliveries.map(deliveryCount),
          ...packages.map(packageCount),
          ...dispatches.map(dispatchCount),
        ],
        refusals: refusals.map(toRefusalCount),
        nonPublicGoneUp: BigInt(goneUp),
        senders: await senderDays(knex, span),
        silentSenders: await silence(knex, nowMs),
        awaitedLicences:
          level === 'provincial' ? await awaited(knex, node, catalogOn(today), today) : [],
        reconciliations: await reconciliations(knex),
        mappingDefects: await mappingDefects(knex, span, catalogOn(today)),
      };
    },
  };
}

function spanOf(request: { fromDate: string; toDate: string }, today: string): Span {
  const fromDate = request.fromDate || today;
  const toDate = request.toDate || today;
  const check = new RequestCheck();
  checkDateRange(fromDate, toDate, MAX_DAYS, check);
  check.pass();
  return { from: startOfDay(fromDate), until: endOfDay(toDate) };
}

function toIntakeCount(row: IntakeRow) {
  return {
    kind: row.kind,
    origin: row.origin,
    accepted: BigInt(row.accepted),
    stale: BigInt(row.stale),
    named: BigInt(row.named),
    waiting: BigInt(row.waiting),
    published: BigInt(row.published),
    nonPublic: BigInt(row.nonPublic),
  };
}

function deliveryCount({ action, state, count, ...row }: DeliveryCountRow) {
  return {
    ...row,
    action: DeliveryAction[action],
    state: DeliveryState[state] ?? '',
    count: BigInt(count),
  };
}

function packageCount({ status, rules, count }: PackageCountRow) {
  return {
    destination: 'packages',
    kind: MessageKind.REGISTRATION,
    state: PackageStatus[status] ?? '',
    rule: rules.join(', '),
    count: BigInt(count),
  };
}

function dispatchCount({ route, state, count }: DispatchCountRow) {
  return {
    destination: `packages/${route}`,
    kind: MessageKind.REGISTRATION,
    state: DISPATCH_STATES[state] ?? '',
    count: BigInt(count),
  };
}

function toRefusalCount({ reason, rule, count }: RefusalCountRow) {
  return { reason: ErrorReason[reason], rule, count: BigInt(count) };
}
