import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import {
  decisionDateOf,
  discloseName,
  discloseRecord,
  discloseRegistration,
} from '../../domain/disclosure.js';
import { notFound } from '../../domain/errors.js';
import { civilDateIn } from '../../domain/identifiers/civil-date.js';
import { normaliseUscc } from '../../domain/identifiers/uscc.js';
import type { RecordKind } from '../../domain/message.js';
import { citationsOf, endingsIn } from '../../domain/record/citation.js';
import { Batcher } from '../../batching/batcher.js';
import { isDataError } from '../../storage/data-error.js';
import {
  findDisclosedEnterprises,
  listPublishedRecords,
  type DisclosedEnterprise,
  type PublishedRecord,
} from '../../storage/disclosure.js';
import { findHiddenNumbers } from '../../storage/hidden-numbers.js';
import type { DataCenterParts } from '../data-center.js';
import { required } from '../required.js';

/** A field of a later contract, which nothing here could mask, is not shown. */
const AS_KNOWN = { readUnknownFields: false } as const;

/** Records of a class that are shown; more only say that there are more. */
const SHOWN_PER_KIND = 500;

/** Enterprises that are read together; each may have some thousand records. */
const TOGETHER = 32;

/** What the node holds for the public of an enterprise. */
interface Held {
  readonly enterprise: DisclosedEnterprise;
  readonly published: readonly Decoded[];
  /** Numbers, cited here, of licences that are not public (D5). */
  readonly hiddenLicenceNos: readonly string[];
}

interface Decoded extends PublishedRecord {
  readonly record: Record;
}

/**
 * 公示 (R17, R38, R41): what the public may see of an enterprise at this node. A province shows its
 * own enterprises; those of another are shown there, and at the national node.
 */
export function disclosureMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'getDisclosure'> {
  const { node, level } = parts;
  const holdings = readTogether(parts);
  return {
    async getDisclosure(request, call) {
      const uscc = normaliseUscc(required(request.uscc, 'uscc'));
      const held = await holdings(uscc, () => call.cancelled);
      if (!held || (level === 'provincial' && held.enterprise.homeNode !== node))
        throw notFound('该企业的公示信息', 'disclosure');
      const { enterprise, published, hiddenLicenceNos } = held;
      const shown = (kind: RecordKind) =>
        newestFirst(published.filter((one) => one.kind === kind).slice(0, SHOWN_PER_KIND)).map(
          (one) => disclosed(one, hiddenLicenceNos),
        );
      return {
        uscc,
        entName: discloseName(enterprise.entName),
        formerNames: enterprise.formerNames.map(discloseName),
        registration: discloseRegistration(
          fromBinary(RegistrationEventSchema, enterprise.payload, AS_KNOWN),
        ),
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

/** Reads an enterprise; null: it is not held. */
type Holdings = (uscc: string, isGone: () => boolean) => Promise<Held | null>;

/**
 * Reads for the calls that wait by the same statements; nothing is kept. So many batches at once and no
 * more: what is published is asked for by anybody, who must leave the others their connections.
 */
function readTogether({ knex, context, publicReads }: DataCenterParts): Holdings {
  const read = async (usccs: readonly string[]): Promise<(Held | null)[]> => {
    const today = civilDateIn(context().nowMs);
    const [enterprises, stored] = await Promise.all([
      findDisclosedEnterprises(knex, usccs),
      listPublishedRecords(knex, usccs, today, SHOWN_PER_KIND + 1),
    ]);
    const published = stored.map((one): Decoded => ({
      ...one,
      record: fromBinary(RecordSchema, one.payload, AS_KNOWN),
    }));
    // By number: whose licence it is may not be known here, and never is of what goes nowhere (D8).
    const endings = published.flatMap(({ record }) => citationsOf(record).flatMap(endingsIn));
    const hidden = await findHiddenNumbers(knex, endings);
    const byCode = new Map(enterprises.map((enterprise) => [enterprise.uscc, enterprise]));
    return usccs.map((uscc) => {
      const enterprise = byCode.get(uscc);
      if (!enterprise) return null;
      return {
        enterprise,
        published: published.filter((one) => one.uscc === uscc),
        hiddenLicenceNos: [...enterprise.hiddenLicenceNos, ...hidden],
      };
    });
  };
  const batches = new Batcher(
    async (usccs: readonly string[]): Promise<readonly (Held | Error | null)[]> => {
      try {
        return await read(usccs);
      } catch (error) {
        if (!isDataError(error)) throw error;
        // What one caller asks must not fail what the others ask.
        const each: (Held | Error | null)[] = [];
        for (const uscc of usccs)
          each.push(await read([uscc]).then(([one = null]) => one, asError));
        return each;
      }
    },
    { connections: publicReads.atOnce, batchSize: TOGETHER, waiting: publicReads.waiting },
  );
  return async (uscc, isGone) => {
    const [held = null] = await batches.add([{ item: uscc, lanes: [] }], isGone);
    if (held instanceof Error) throw held;
    return held;
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The enterprise could not be read.');
}

function hasMore(published: readonly PublishedRecord[]): boolean {
  const counts = new Map<RecordKind, number>();
  for (const { kind } of published) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.values()].some((count) => count > SHOWN_PER_KIND);
}

/** By the day of the decision, then by publication. */
function newestFirst(published: readonly Decoded[]): Decoded[] {
  return published
    .map((one) => ({ ...one, date: decisionDateOf(one.record) }))
    .sort(
      (a, b) => b.date.localeCompare(a.date) || b.publishedAt.getTime() - a.publishedAt.getTime(),
    );
}

function disclosed({ record, publishedAt, namedBy }: Decoded, hiddenLicenceNos: readonly string[]) {
  return {
    record: discloseRecord(record, hiddenLicenceNos),
    publishedAt: timestampFromDate(publishedAt),
    attributedByNode: namedBy,
  };
}
