import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { decisionDateOf, discloseRecord, discloseRegistration } from '../../domain/disclosure.js';
import { notFound } from '../../domain/errors.js';
import { civilDateIn } from '../../domain/identifiers/civil-date.js';
import { normaliseUscc } from '../../domain/identifiers/uscc.js';
import type { RecordKind } from '../../domain/message.js';
import {
  findDisclosedEnterprise,
  listPublishedRecords,
  type DisclosedEnterprise,
  type PublishedRecord,
} from '../../storage/disclosure.js';
import type { DataCenterParts } from '../data-center.js';
import { required } from '../required.js';

/** Records of a class that are shown; more only say that there are more. */
const SHOWN_PER_KIND = 500;

/**
 * 公示 (R17, R38, R41): what the public may see of an enterprise at this node. A province shows its
 * own enterprises; those of another are shown there, and at the national node.
 */
export function disclosureMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'getDisclosure'> {
  const { knex, node, level } = parts;
  return {
    async getDisclosure(request) {
      const uscc = normaliseUscc(required(request.uscc, 'uscc'));
      const enterprise = await findDisclosedEnterprise(knex, uscc);
      if (!enterprise || (level === 'provincial' && enterprise.homeNode !== node))
        throw notFound('该企业的公示信息', 'disclosure');
      const today = civilDateIn(parts.context().nowMs);
      const published = await listPublishedRecords(knex, uscc, today, SHOWN_PER_KIND + 1);
      const shown = (kind: RecordKind) =>
        newestFirst(published.filter((one) => one.kind === kind).slice(0, SHOWN_PER_KIND)).map(
          (one) => disclosed(one, enterprise),
        );
      return {
        uscc,
        entName: enterprise.entName,
        formerNames: enterprise.formerNames,
        registration: discloseRegistration(fromBinary(RegistrationEventSchema, enterprise.payload)),
        licences: shown(MessageKind.LICENCE),
        filings: shown(MessageKind.FILING),
        inspections: shown(MessageKind.INSPECTION),
        penalties: shown(MessageKind.PENALTY),
        node,
        truncated: hasMore(published),
      };
    },
  };
}

function hasMore(published: readonly PublishedRecord[]): boolean {
  const counts = new Map<RecordKind, number>();
  for (const { kind } of published) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.values()].some((count) => count > SHOWN_PER_KIND);
}

interface Decoded extends PublishedRecord {
  readonly record: Record;
}

/** By the day of the decision, then by publication. */
function newestFirst(published: readonly PublishedRecord[]): Decoded[] {
  return published
    .map((one) => {
      const record = fromBinary(RecordSchema, one.payload);
      return { ...one, record, date: decisionDateOf(record) };
    })
    .sort(
      (a, b) => b.date.localeCompare(a.date) || b.publishedAt.getTime() - a.publishedAt.getTime(),
    );
}

function disclosed(
  { record, publishedAt, namedBy }: Decoded,
  { hiddenLicenceNos }: DisclosedEnterprise,
) {
  return {
    record: discloseRecord(record, hiddenLicenceNos),
    publishedAt: timestampFromDate(publishedAt),
    attributedByNode: namedBy,
  };
}
