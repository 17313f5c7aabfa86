import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import { NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import type { EnterpriseSummarySchema } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  type DataCenter,
  type ResolveUnattributedRequest,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { actorOf } from '../../audit/actor.js';
import type { ServiceMethods } from '../../doors/service.js';
import { grouped } from '../../domain/grouped.js';
import { normaliseUscc } from '../../domain/identifiers/uscc.js';
import { unattributedTexts } from '../../domain/record/attribution.js';
import { resolveNaming, type Resolution } from '../../intake/resolve-naming.js';
import { listWaiting, suggestEnterprises, type WaitingRecord } from '../../storage/work-list.js';
import type { DataCenterParts } from '../data-center.js';
import { toDestination } from '../destinations.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { cutPage, decodeKey, type PageKey } from './keyset-page.js';
import { RequestCheck } from '../request-check.js';

type WorkListMethods = Pick<
  ServiceMethods<typeof DataCenter>,
  'listUnattributed' | 'resolveUnattributed'
>;
type Candidate = MessageInitShape<typeof EnterpriseSummarySchema>;

const CANDIDATES = 5;
const PLACE = z.tuple([z.iso.datetime(), z.number().int(), z.string(), z.string()]);

/** 未记名清单 and 记名处理 (R29, VR25). */
export function workListMethods(parts: DataCenterParts): WorkListMethods {
  const { knex } = parts;
  return {
    async listUnattributed(request) {
      const list = ['unattributed', request.reason];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListUnattributed);
      const key = decodeKey(list, request.pageToken, PLACE);
      const after = key && {
        waitingSince: new Date(key[0]),
        kind: key[1],
        ownerOrg: key[2],
        businessKey: key[3],
      };
      const rows = await listWaiting(knex, request.reason, after, size + 1);
      const page = cutPage(rows, size, list, keyOf);
      const candidates = await candidatesFor(parts, page.rows);
      return {
        records: page.rows.map((row, position) => toEntry(row, candidates.get(position) ?? [])),
        nextPageToken: page.nextPageToken,
      };
    },

    async resolveUnattributed(request, call) {
      const { messageId, sourceNode, resolvedBy } = request;
      const resolution = checkResolution(request);
      const resolved = await resolveNaming(
        knex,
        { messageId, sourceNode },
        resolution,
        { name: resolvedBy, actor: actorOf(call) },
        parts.context(),
      );
      parts.wake(resolved.wakes);
      parts.log.info(
        { actor: actorOf(call), messageId, sourceNode, resolution: resolution.case },
        '未记名记录已处理 / a record of the work list was resolved',
      );
      return {
        namingState: resolved.record.naming === 'named' ? NamingState.NAMED : NamingState.UNNAMED,
        destinations: resolved.legs.map(toDestination),
      };
    },
  };
}

function keyOf({ waitingSince, kind, ownerOrg, businessKey }: WaitingRecord): PageKey {
  return [waitingSince.toISOString(), kind, ownerOrg, businessKey];
}

/** Suggestions for a whole page in one statement, by position of the record. */
async function candidatesFor(
  { knex }: DataCenterParts,
  records: readonly WaitingRecord[],
): Promise<Map<number, Candidate[]>> {
  if (records.length === 0) return new Map();
  const parties = records.map((record) => record.party);
  const suggested = await suggestEnterprises(knex, parties, CANDIDATES);
  return grouped(suggested.map(({ position, ...enterprise }) => [position, enterprise]));
}

function toEntry(record: WaitingRecord, candidates: readonly Candidate[]) {
  const text = unattributedTexts[record.reason];
  return {
    messageId: record.messageId,
    sourceNode: record.sourceNode,
    kind: record.kind,
    record: { kind: record.kind, ownerOrg: record.ownerOrg, businessKey: record.businessKey },
    counterpart: record.party,
    reason: record.reason,
    reasonZh: text.zh,
    reasonEn: text.en,
    candidates: [...candidates],
    waitingSince: timestampFromDate(record.waitingSince),
  };
}

function checkResolution(request: ResolveUnattributedRequest): Resolution {
  const { resolution } = request;
  const check = new RequestCheck();
  check.text(request.messageId, 'message_id', 64);
  check.text(request.sourceNode, 'source_node', 6);
  check.text(request.resolvedBy, 'resolved_by', 100);
  if (resolution.case === 'attributeToUscc') check.text(resolution.value, 'attribute_to_uscc', 40);
  if (resolution.case === 'sendBackReason') check.text(resolution.value, 'send_back_reason', 500);
  if (resolution.case === undefined)
    check.add('resolution', 'REQUIRED', {
      zh: '须填写记于企业或退回理由之一。',
      en: 'Say to which enterprise it belongs, or why it is sent back.',
    });
  check.pass();
  return resolution.case === 'attributeToUscc'
    ? { case: resolution.case, value: normaliseUscc(resolution.value) }
    : { case: 'sendBackReason', value: (resolution.value ?? '').trim() };
}
