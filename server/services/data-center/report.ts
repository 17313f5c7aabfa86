import type { Knex } from 'knex';
import { DeliveryAction, DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { DataCenter, GetExchangeReportRequest } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { civilDateIn, endOfDay, midnightOf } from '../../domain/identifiers/civil-date.js';
import { PACKAGES_BY } from '../../domain/registration/channel-route.js';
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
} from '../../storage/exchange-report.js';
import { countLatePublications } from '../../storage/late-publications.js';
import type { DataCenterParts } from '../data-center.js';
import { checkDateRange } from './date-range.js';
import { departmentDays, type ReportDays } from './department-report.js';
import { mappingDefects } from './mapping-defects.js';
import { CODE_MAX } from './packages.js';
import { RequestCheck } from '../request-check.js';
import { awaited, reconciliations, senderDays, silence } from './sender-report.js';

const MAX_DAYS = 366;

/**
 * 交换报表: what came, went, was refused and was held back on these days, and what each receiving
 * department got. The alarm of R55 looks at everything the node holds, whatever the days.
 */
export function reportMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'getExchangeReport'> {
  const { knex, node } = parts;
  return {
    async getExchangeReport(request) {
      const { nowMs, catalogOn } = parts.context();
      const today = civilDateIn(nowMs);
      const days = daysOf(request, today);
      const departments = await departmentDays(parts, request, days, nowMs);
      if (request.pageToken !== '') return { node, ...departments };
      const span = { from: midnightOf(days.fromDate), until: endOfDay(days.toDate) };
      const { receivingDeptCode } = request;
      const defects = await mappingDefects(knex, span, receivingDeptCode, catalogOn(today));
      const about = { node, ...departments, mappingDefects: defects };
      return receivingDeptCode === '' ? { ...about, ...(await wholeReport(parts, span)) } : about;
    },
  };
}

/** What is about the node as a whole, and no department's to see. */
async function wholeReport({ knex, node, level, context }: DataCenterParts, span: Span) {
  const { nowMs, nationalNode, catalogOn } = context();
  const today = civilDateIn(nowMs);
  const provincial = level === 'provincial';
  const intake = await countIntake(knex, span, provincial ? node : '');
  const refusals = await countRefusals(knex, span);
  const goneUp = provincial ? await countGoneUp(knex, nationalNode) : 0;
  return {
    intake: intake.map(toIntakeCount),
    destinations: await destinations(knex, span),
    refusals: refusals.map(toRefusalCount),
    nonPublicGoneUp: BigInt(goneUp),
    senders: await senderDays(knex, span),
    silentSenders: await silence(knex, nowMs),
    awaitedLicences: provincial ? await awaited(knex, node, catalogOn(today), today) : [],
    reconciliations: await reconciliations(knex),
    latePublications: provincial ? [] : await latePublications(knex, span),
  };
}

async function latePublications(knex: Knex, span: Span) {
  const rows = await countLatePublications(knex, span);
  return rows.map((row) => ({ ...row, count: BigInt(row.count) }));
}

async function destinations(knex: Knex, span: Span) {
  const deliveries = await countDeliveries(knex, span);
  const packages = await countPackages(knex, span);
  const dispatches = await countDispatches(knex, span);
  return [
    ...deliveries.map(deliveryCount),
    ...packages.map(packageCount),
    ...dispatches.map(dispatchCount),
  ];
}

function daysOf(request: GetExchangeReportRequest, today: string): ReportDays {
  const fromDate = request.fromDate || today;
  const toDate = request.toDate || today;
  const check = new RequestCheck();
  checkDateRange(fromDate, toDate, MAX_DAYS, check);
  check.length(request.receivingDeptCode, 'receiving_dept_code', CODE_MAX);
  check.pass();
  return { fromDate, toDate };
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
    destination: `${PACKAGES_BY}${route}`,
    kind: MessageKind.REGISTRATION,
    state: DISPATCH_STATES[state] ?? '',
    count: BigInt(count),
  };
}

function toRefusalCount({ reason, rule, count }: RefusalCountRow) {
  return { reason: ErrorReason[reason], rule, count: BigInt(count) };
}
