import { toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import type { AcknowledgePackageResponseSchema } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  type AcknowledgePackageRequest,
  type DataCenter,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { PackageContentSchema, PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import type { PermitItemRef } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { actorOf } from '../../audit/actor.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { NodeContext } from '../../domain/decision/decision.js';
import { administered, byName } from '../../domain/audit/administration.js';
import type { AuditEntry } from '../../domain/audit/entry.js';
import { HubError } from '../../domain/errors.js';
import { departureOf } from '../../domain/registration/channel-route.js';
import { reportableStatuses, stateAfter } from '../../domain/registration/package-state.js';
import {
  receiptNote,
  standingOfReceipt,
  type ReceiptStanding,
} from '../../domain/registration/platform-receipt.js';
import {
  reassignContent,
  reassignedIdOf,
  toldAfterReassignment,
} from '../../domain/registration/reassignment.js';
import { lockNames } from '../../storage/node-locks.js';
import { appendAudit } from '../../storage/audit.js';
import {
  advancePackage,
  departmentOf,
  stepsOf,
  toldDepartments,
  updateTold,
  type StoredPackage,
  type StoredStep,
} from '../../storage/package-store.js';
import { countRoutes, dropDispatches } from '../../storage/package-dispatch.js';
import { insertReturnedItems } from '../../storage/mapping-defects.js';
import { insertPackages } from '../../storage/packages.js';
import type { DataCenterParts } from '../data-center.js';
import { describePackage, provenContent } from './package-form.js';
import { CODE_MAX, ownPackage } from './packages.js';
import { RequestCheck } from '../request-check.js';

type Answer = MessageInitShape<typeof AcknowledgePackageResponseSchema>;

/** What applying a report needs. */
export type AcknowledgementParts = Pick<DataCenterParts, 'node' | 'context'>;

/** 数据包回执 (R33, F22): what the platform or the department did with a package. */
export function acknowledgementMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'acknowledgePackage'> {
  return {
    async acknowledgePackage(request, call) {
      checkReport(request);
      const actor = actorOf(call);
      return parts.knex.transaction(async (trx) => {
        const { response, entries } = await acknowledge(trx, request, actor, parts);
        await appendAudit(trx, parts.node, entries);
        return response;
      });
    },
  };
}

/**
 * Applies a report that came another way than the RPC, such as by a folder, by the same rules and
 * as often as it comes with the same outcome. `actor`: the way that it came. Answers what is to be
 * recorded of it, for the end of the transaction ({@link appendAudit}). Throws HubError when it
 * can't be applied; nothing is changed then.
 */
export async function applyReport(
  trx: Knex.Transaction,
  request: AcknowledgePackageRequest,
  actor: string,
  parts: AcknowledgementParts,
): Promise<readonly AuditEntry[]> {
  checkReport(request);
  return (await acknowledge(trx, request, actor, parts)).entries;
}

function checkReport(request: AcknowledgePackageRequest): void {
  const check = new RequestCheck();
  check.text(request.packageId, 'package_id', 100);
  check.text(request.receivingDeptCode, 'receiving_dept_code', CODE_MAX);
  check.text(request.by, 'by', 100);
  check.length(request.note, 'note', 500);
  if (!reportableStatuses.includes(request.status))
    check.add('status', 'CODE_UNKNOWN', {
      zh: '数据包状态应为视为已送达、已接收、已认领、退回、重新指派或终止推送。',
      en: 'The status must be one that a platform or department reports.',
    });
  checkReason(request, check);
  check.pass();
}

/** What a status can't be reported without. */
function checkReason(request: AcknowledgePackageRequest, check: RequestCheck): void {
  if (request.status === PackageStatus.DEEMED_DELIVERED)
    check.text(request.platformReceiptNo, 'platform_receipt_no', 100, 'R33');
  if (request.status === PackageStatus.RETURNED && !isReturnReason(request.returnReason))
    check.add('return_reason', 'REQUIRED', {
      zh: '退回须说明退回原因。',
      en: 'A return needs its reason.',
    });
  if (request.status !== PackageStatus.REASSIGNED) return;
  check.text(request.reassignedDeptCode, 'reassigned_dept_code', CODE_MAX);
  check.text(request.reassignedDeptName, 'reassigned_dept_name', 200);
  if (request.reassignedDeptCode !== '' && request.reassignedDeptCode === request.receivingDeptCode)
    check.add('reassigned_dept_code', 'SAME_DEPARTMENT', {
      zh: '重新指派的部门与原部门相同。',
      en: 'The package is this department’s already.',
    });
}

function isReturnReason(reason: ReturnReason): boolean {
  return reason !== ReturnReason.UNSPECIFIED && ReturnReason[reason] !== undefined;
}

/** What a report did: the answer to it, and what is to be recorded. */
interface Acknowledged {
  readonly response: Answer;
  readonly entries: readonly AuditEntry[];
}

async function acknowledge(
  trx: Knex.Transaction,
  request: AcknowledgePackageRequest,
  actor: string,
  parts: AcknowledgementParts,
): Promise<Acknowledged> {
  const stored = await ownPackage(trx, request.packageId, request.receivingDeptCode);
  const steps = await stepsOf(trx, stored.packageId);
  const receipt = await receiptStanding(trx, stored, steps, request);
  const given = {
    platformReceiptNo: receipt === 'first' ? request.platformReceiptNo : stored.platformReceiptNo,
    returnReason:
      request.status === PackageStatus.RETURNED ? request.returnReason : stored.returnReason,
  };
  if (await wasReported(trx, { stored, steps, receipt }, request))
    return { response: answer(stored, request.status, parts), entries: [] };
  // A further platform leaves the package where it is.
  const isDelivered = stored.status === PackageStatus.DEEMED_DELIVERED;
  const status =
    receipt === 'further' && isDelivered
      ? stored.status
      : stateAfter(stored.status, request.status);
  if (status === undefined || receipt === 'contradicts') throw notInState(stored.status);

  const reassigned = request.status === PackageStatus.REASSIGNED;
  if (reassigned) await reassign(trx, stored, request, parts.context());
  if (request.status === PackageStatus.RETURNED)
    await insertReturnedItems(trx, stored, itemsOf(stored), given.returnReason, parts.context());
  const link = reassigned
    ? `→ ${request.reassignedDeptName} ${reassignedIdOf(stored.packageId)}`
    : '';
  const step = {
    packageId: stored.packageId,
    status: request.status,
    atMs: parts.context().nowMs,
    by: request.by,
    note:
      receipt === 'further'
        ? receiptNote(request.platformReceiptNo, request.note)
        : [request.note, link].filter((text) => text !== '').join(' '),
  };
  const now = { ...stored, ...given, status };
  await advancePackage(trx, step, now);
  const entry = administered('package.acknowledge', actor, step.atMs, {
    subject: stored.packageId,
    rules: stored.rules,
    outcome: byName(PackageStatus[request.status], request.by),
  });
  return { response: answer(now, request.status, parts), entries: [entry] };
}

/** What the returned package was about: what the mapping may have got wrong. */
function itemsOf(stored: StoredPackage): PermitItemRef[] {
  return provenContent(stored).items.flatMap(({ permitItem }) => permitItem ?? []);
}

function answer(
  stored: StoredPackage,
  reported: PackageStatus,
  { node }: AcknowledgementParts,
): Answer {
  const reassigned = reported === PackageStatus.REASSIGNED;
  return {
    package: describePackage(stored, node),
    reassignedPackageId: reassigned ? reassignedIdOf(stored.packageId) : '',
  };
}

/** What the number is with which a platform reports its acceptance; undefined: none is reported. */
async function receiptStanding(
  trx: Knex.Transaction,
  { packageId, platformReceiptNo, channels }: StoredPackage,
  steps: readonly StoredStep[],
  { status, by, platformReceiptNo: receiptNo }: AcknowledgePackageRequest,
): Promise<ReceiptStanding | undefined> {
  if (status !== PackageStatus.DEEMED_DELIVERED) return undefined;
  const ways = Math.max(channels.length, await countRoutes(trx, packageId));
  return standingOfReceipt({ receiptNo, by }, { platformReceiptNo, steps, ways });
}

/** What is known of a package when a report about it comes. */
interface Known {
  readonly stored: StoredPackage;
  readonly steps: readonly StoredStep[];
  readonly receipt: ReceiptStanding | undefined;
}

/** Whether the same was reported before, also when the package has gone on since. */
async function wasReported(
  trx: Knex.Transaction,
  { stored, steps, receipt }: Known,
  request: AcknowledgePackageRequest,
): Promise<boolean> {
  if (!steps.some((step) => step.status === request.status)) return false;
  switch (request.status) {
    case PackageStatus.DEEMED_DELIVERED:
      return receipt === 'same';
    case PackageStatus.RETURNED:
      return stored.returnReason === request.returnReason;
    case PackageStatus.REASSIGNED: {
      const department = await departmentOf(trx, reassignedIdOf(stored.packageId));
      return department === request.reassignedDeptCode;
    }
    default:
      return true;
  }
}

function notInState(status: PackageStatus): HubError {
  const state = PackageStatus[status];
  return new HubError(
    ErrorReason.NOT_IN_STATE,
    {
      zh: `数据包目前的状态(${state})不允许这一步,或同一步已报告过其他内容。`,
      en: `The package is ${state}; that step is not possible, or was reported with other data.`,
    },
    { metadata: { status: state } },
  );
}

function underWay(): HubError {
  return new HubError(
    ErrorReason.UNAVAILABLE,
    {
      zh: '数据包正在推送,尚不知是否送达,请稍后重试。',
      en: 'The package is being pushed, and whether it arrives is not known yet; try again later.',
    },
    { retryAfterMs: 5_000 },
  );
}

/**
 * Builds the package for the other department, which from now on knows the enterprise. The old one is
 * pushed no more: nobody may get it after another has become responsible.
 */
async function reassign(
  trx: Knex.Transaction,
  stored: StoredPackage,
  request: AcknowledgePackageRequest,
  context: NodeContext,
): Promise<void> {
  const { nowMs } = context;
  const to = { code: request.reassignedDeptCode, name: request.reassignedDeptName };
  const content = reassignContent(provenContent(stored), to, nowMs);
  const { channels, pushedBy } = departureOf(context, to.code);
  // First: packages of one enterprise leave in the order of the numbers that they take here.
  await lockNames(trx, [stored.uscc]);
  if (!(await dropDispatches(trx, stored.packageId))) throw underWay();
  await insertPackages(
    trx,
    [
      {
        packageId: content.packageId,
        messageSeq: stored.messageSeq,
        uscc: stored.uscc,
        deptCode: to.code,
        deptName: to.name,
        channels,
        pushedBy,
        rules: stored.rules,
        recordCount: stored.recordCount,
        content: toBinary(PackageContentSchema, content),
        note: `← ${stored.deptName} ${stored.packageId}`,
      },
    ],
    nowMs,
  );
  await updateTold(
    trx,
    stored.uscc,
    toldAfterReassignment(await toldDepartments(trx, stored.uscc), content),
  );
}
