import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { PACKAGES_BY } from '../../domain/registration/channel-route.js';
import { civilDateIn } from '../../domain/identifiers/civil-date.js';
import { auditHead, type AuditHead } from '../../storage/audit.js';
import { listWitnessed, type WitnessedChain } from '../../storage/audit-witness.js';
import { listDailyTasks, type DailyTaskRow } from '../../storage/daily-tasks.js';
import { linkStates, type LinkRow } from '../../storage/link-states.js';
import { listSigningKeys, type StoredSigningKey } from '../../storage/signing-keys.js';
import { restorationMessage } from '../../restoration/notice.js';
import { countWaiting } from '../../storage/work-list.js';
import type { DataCenterParts } from '../data-center.js';
import { describeVersion } from '../scope-catalog/versions.js';

/** 节点状态: what an operator looks at first. */
export function statusMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'getNodeStatus'> {
  const { knex } = parts;
  return {
    async getNodeStatus() {
      const today = (): string => civilDateIn(parts.context().nowMs);
      const push = new Map(parts.destinations.map((one) => [one.code, one.push]));
      for (const route of parts.context().channelRoutes ?? [])
        if (route.push) push.set(`${PACKAGES_BY}${route.name}`, true);
      const checkedAt = parts.catalogCheckedAt();
      const links = await linkStates(knex, [...push.keys()]);
      return {
        node: parts.node,
        name: parts.nodeName.zh,
        level: parts.level,
        version: parts.version,
        queueBackend: parts.queueBackend,
        startedAt: timestampFromDate(parts.startedAt),
        catalogVersions: parts.shelf
          .versions()
          .map((held) => describeVersion({ shelf: parts.shelf, today }, held))
          .filter((version) => version.inForce),
        catalogLag: parts.catalogLag(),
        ...(checkedAt && { catalogCheckedAt: timestampFromDate(checkedAt) }),
        links: links.map((link) => toLink(link, push.get(link.destination) ?? false)),
        backlog: BigInt(parts.backlog()),
        backlogLimit: BigInt(parts.backlogLimit),
        unattributed: BigInt(await countWaiting(knex)),
        signingKeys: (await listSigningKeys(knex)).map(toSigningKey),
        auditHead: toHead(await auditHead(knex)),
        auditWitnesses: (await listWitnessed(knex)).map(toWitness),
        dailyTasks: (await listDailyTasks(knex)).map((task) =>
          toDailyTask(task, parts.nextDailyRun(task.name)),
        ),
        yearsWithoutHolidays: parts.calendar.unknownYears(today()),
      };
    },
  };
}

function toHead(head: AuditHead | undefined) {
  return { link: BigInt(head?.link ?? 0), hash: head?.hash ?? new Uint8Array() };
}

function toWitness({ node, link, hash, seenAt, brokenAt, ...chain }: WitnessedChain) {
  const { restoredAt, backupUntil, restoredLink, lostLink, lostHash } = chain;
  return {
    node,
    head: toHead({ link, hash }),
    seenAt: timestampFromDate(seenAt),
    ...(brokenAt && { brokenAt: timestampFromDate(brokenAt) }),
    ...(restoredAt && {
      restoration: restorationMessage({ restoredAt, backupUntil, link: restoredLink ?? 0 }),
    }),
    ...(lostLink !== null && lostHash && { lostHead: toHead({ link: lostLink, hash: lostHash }) }),
  };
}

function toSigningKey({ keyId, algorithm, publicPem, usedSince }: StoredSigningKey) {
  return { keyId, algorithm, publicKeyPem: publicPem, usedSince: timestampFromDate(usedSince) };
}

function toDailyTask(task: DailyTaskRow, nextRunAt: Date | undefined) {
  const { name, succeededAt, failedAt, failureZh, failureEn } = task;
  return {
    name,
    failureZh,
    failureEn,
    ...(succeededAt && { succeededAt: timestampFromDate(succeededAt) }),
    ...(failedAt && { failedAt: timestampFromDate(failedAt) }),
    ...(nextRunAt && { nextRunAt: timestampFromDate(nextRunAt) }),
  };
}

function toLink(link: LinkRow, push: boolean) {
  return {
    destination: link.destination,
    push,
    open: BigInt(link.open),
    dead: BigInt(link.dead),
    acknowledgedLastMinute: BigInt(link.acknowledgedLastMinute),
    ...(link.oldestOpenAt && { oldestOpenAt: timestampFromDate(link.oldestOpenAt) }),
    ...(link.lastAcknowledgedAt && {
      lastAcknowledgedAt: timestampFromDate(link.lastAcknowledgedAt),
    }),
  };
}
