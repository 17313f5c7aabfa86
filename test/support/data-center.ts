import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { MessageShape } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import { pino } from 'pino';
import { expect } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { daysOff } from '../../server/reference/holidays.js';
import { openShelf } from '../../server/catalog/shelf.js';
import type { Call } from '../../server/doors/service.js';
import { anonymous } from '../../server/domain/access/principal.js';
import type { NodeContext } from '../../server/domain/decision/decision.js';
import { HubError } from '../../server/domain/errors.js';
import { Breaker } from '../../server/delivery/breaker.js';
import { deliverLane } from '../../server/delivery/lane-worker.js';
import { LANES_IN_USE, type Lane } from '../../server/domain/lane.js';
import { acceptBatch } from '../../server/intake/accept-batch.js';
import {
  admitPublicityChange,
  admitRecord,
  admitRegistration,
  type Admission,
} from '../../server/intake/admission.js';
import { Intake } from '../../server/intake/intake.js';
import type { Accepted } from '../../server/intake/submission.js';
import { regionLineage, provinceOf } from '../../server/reference/region-codes.js';
import { receive } from '../../server/services/exchange/reception.js';
import { NATIONAL_NODE } from '../../server/reference/nodes.js';
import { dueLanes } from '../../server/storage/open-deliveries.js';
import { createDataCenter, type DataCenterParts } from '../../server/services/data-center.js';
import type { PublicityChange } from '#gen/zhengzhao/v1/record_pb.js';
import { BUILDER_TODAY } from './builders.js';
import { freshDatabase } from './database.js';
import { nodeContext, testSigner, validationAt } from './intake.js';

type Methods = typeof DataCenter.method;

/** The service as a caller sees it: requests as plain objects, answers after the wire. */
export type AskDataCenter = {
  readonly [K in keyof Methods]: (
    request: MessageInitShape<Methods[K]['input']>,
  ) => Promise<MessageShape<Methods[K]['output']>>;
};

/** A data centre on a schema of its own, with a clock that the test sets. */
export interface TestDataCenter {
  readonly knex: Knex;
  readonly ask: AskDataCenter;
  readonly parts: DataCenterParts;
  /** Lanes woken by the service so far. */
  readonly woken: Lane[];
  /** Milliseconds; what the node and its accept path take for now. */
  nowMs: number;
  /** Accepts registrations by the real accept path; a refusal fails the test. */
  register(...events: readonly RegistrationEvent[]): Promise<Accepted[]>;
  /** The same for records. */
  record(...records: readonly EnterpriseRecord[]): Promise<Accepted[]>;
  /** The same for a change of the mark. */
  mark(change: PublicityChange): Promise<Accepted[]>;
  close(): Promise<void>;
}

const CALL: Call = {
  signal: new AbortController().signal,
  caller: { peer: 'test' },
  principal: anonymous('trial'),
  door: 'grpc',
  cancelled: false,
};

function askOf(parts: DataCenterParts): AskDataCenter {
  const service = createDataCenter(parts) as unknown as Record<
    string,
    (request: unknown, call: Call) => Promise<object>
  >;
  const entries = Object.entries(DataCenter.method).map(([name, { input, output }]) => [
    name,
    async (request: object) => {
      const answer = await service[name]?.(create(input, request as never), CALL);
      return fromBinary(output, toBinary(output, create(output, answer as never) as never));
    },
  ]);
  return Object.fromEntries(entries) as AskDataCenter;
}

/** Opens one; province 330000 unless told otherwise. */
export async function openDataCenter(
  level: NodeContext['level'] = 'provincial',
): Promise<TestDataCenter> {
  const database = await freshDatabase();
  const { knex } = database;
  const log = pino({ level: process.env['HUB_TEST_LOG'] ?? 'silent' });
  const woken: Lane[] = [];
  const fixed = nodeContext(level);
  const { node } = fixed;
  const shelf = await openShelf({
    knex,
    node,
    lineageOf: regionLineage,
    provinceOf,
    today: () => BUILDER_TODAY,
    log,
  });
  const parts: DataCenterParts = {
    knex,
    node,
    nodeName: level === 'national' ? { zh: '总局', en: 'SAMR' } : { zh: '浙江省', en: 'Zhejiang' },
    level,
    version: '0.0.0-test',
    startedAt: new Date(fixed.nowMs - 3_600_000),
    queueBackend: 'postgres',
    context: () => ({ ...fixed, nowMs: centre.nowMs }),
    wake: (wakes) => woken.push(...wakes),
    log,
    shelf,
    catalogLag: () => 2,
    catalogCheckedAt: () => undefined,
    nextDailyRun: () => undefined,
    publicReads: { atOnce: 2, waiting: 100 },
    backlog: () => 7,
    backlogLimit: 500,
    calendar: daysOff(),
    history: { afterDays: 90, keptMonths: undefined },
    destinations:
      level === 'national'
        ? [
            { code: '330000', push: true },
            { code: '440000', push: false },
          ]
        : [{ code: '100000', push: true }],
  };
  const take = async (admissions: readonly Admission[]): Promise<Accepted[]> => {
    const call = Symbol('call');
    const submissions = admissions.map((admission) => admission.submission(call));
    const { results } = await acceptBatch(knex, submissions, {
      context: parts.context(),
      signer: testSigner(),
    });
    return results.map((result) => {
      if (!result.ok) throw result.error;
      return result;
    });
  };
  const validation = validationAt(level);
  const centre: TestDataCenter = {
    knex,
    ask: askOf(parts),
    parts,
    woken,
    nowMs: fixed.nowMs,
    register: (...events) => take(events.map((event) => admitRegistration(event, validation))),
    record: (...records) => take(records.map((record) => admitRecord(record, validation))),
    mark: (change) => take([admitPublicityChange(change, validation)]),
    close: async () => {
      await shelf.close();
      await database.drop();
    },
  };
  return centre;
}

/** Delivers everything that one node has open for the other, in order, as a lane worker would. */
export async function exchange(from: TestDataCenter, to: TestDataCenter): Promise<void> {
  const { knex, context, log, node } = to.parts;
  const intake = new Intake({
    knex,
    log,
    context,
    signer: testSigner(),
    wake: () => undefined,
    limits: { connections: 1, batchSize: 50, waiting: 1_000 },
  });
  const side = from.parts.level === 'national' ? 'national' : 'province';
  const reception = { knex, intake, log, validation: () => validationAt(to.parts.level) };
  const lanes = await dueLanes(from.knex, [node], LANES_IN_USE);
  for (const lane of lanes)
    await deliverLane(lane, {
      knex: from.knex,
      log,
      node: from.parts.node,
      nationalNode: NATIONAL_NODE,
      random: () => 0,
      breaker: new Breaker(() => 0),
      limits: { batchSize: 50, batchBytes: 1_000_000, leaseMs: 10_000, batchesPerTurn: 10 },
      linkTo: () => ({
        deliver: (deliveries) => receive(deliveries, { node: from.parts.node, side }, reception),
      }),
    });
  await intake.drained();
}

/** The HubError that a promise ends in; it must have this reason. */
export async function refusalWith(
  reason: keyof typeof ErrorReason,
  answer: Promise<unknown>,
): Promise<HubError> {
  const error: unknown = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HubError);
  const refusal = error as HubError;
  expect(ErrorReason[refusal.reason]).toBe(reason);
  return refusal;
}

/** Fields of the findings of a refusal, in order. */
export function fieldsOf(refusal: HubError): string[] {
  return (refusal.details.findings ?? []).map((finding) => finding.field);
}
