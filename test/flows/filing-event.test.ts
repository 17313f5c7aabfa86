import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Effect, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import { admitRecord, admitRegistration } from '../../server/intake/admission.js';
import {
  testMessageId,
  validChange,
  validFiling,
  validRegistration,
  type RecordOptions,
} from '../support/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { failureOf } from '../support/doors.js';
import { openIntake, validationAt } from '../support/intake.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' } as const;
const [CHANGED, OTHER, UNKNOWN] = [1, 2, 3];

let series = 100;
/** A filing of its own, made with the registration of this message id. */
function filing(number: number, registrationEventId: string, options: RecordOptions = {}): Record {
  series += 1;
  const envelope = { messageId: testMessageId(series, number), ...options.envelope };
  const filingId = `FIL-${series}`;
  return validFiling({ filingId, registrationEventId }, { number, ...options, envelope });
}

describe('the registration of a filing', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    for (const registration of [
      validRegistration(CATALOGUE, { number: CHANGED }),
      validChange(CATALOGUE, { number: CHANGED }),
      validRegistration(CATALOGUE, { number: OTHER }),
    ])
      await node.registration.submitRegistration({ registration });
  });
  afterAll(() => node.stop());

  /** What is found about the registration by the dry run, which submitting confirms. */
  const found = async (record: Record): Promise<string[]> => {
    const { findings } = await node.exchange.checkRecord({ record });
    const foreseen = findings.filter(({ rule }) => rule === 'VR21');
    const { warnings } = await node.exchange.submitRecord({ record });
    expect(warnings.filter(({ rule }) => rule === 'VR21')).toEqual(foreseen);
    return foreseen.map(({ code, field }) => `${code} ${field}`);
  };

  it('VR21 may be any of the enterprise, the present one or one before it', async () => {
    expect(await found(filing(CHANGED, testMessageId(1, CHANGED)))).toEqual([]);
    expect(await found(filing(CHANGED, testMessageId(2, CHANGED)))).toEqual([]);
  });

  it('VR21 is warned of when it is not held, and the filing is taken all the same', async () => {
    const record = filing(CHANGED, testMessageId(77, CHANGED));
    expect(await found(record)).toEqual(['FILING_EVENT_UNKNOWN filing.registration_event_id']);
    const [row] = await node.sql<{ naming: number }>(
      'select naming from records where business_key = ?',
      [record.envelope?.businessKey ?? ''],
    );
    expect(row?.naming).toBe(2);
  });

  it('VR21 is refused when it is of another enterprise, with nothing stored', async () => {
    const record = filing(CHANGED, testMessageId(1, OTHER));
    const { acceptable } = await node.exchange.checkRecord({ record });
    expect(acceptable).toBe(false);
    expect(await failureOf(node.exchange.submitRecord({ record }))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ code: 'FILING_EVENT_OF_ANOTHER', field: 'filing.registration_event_id' }],
    });
    const rows = await node.sql('select 1 from messages where message_id = ?', [
      record.envelope?.messageId ?? '',
    ]);
    expect(rows).toEqual([]);
  });

  it('VR21 is not missed while the enterprise itself is waited for', async () => {
    const record = filing(UNKNOWN, testMessageId(1, UNKNOWN));
    expect(await found(record)).toEqual([]);
    const { receipt } = await node.exchange.submitRecord({ record });
    expect(receipt).toMatchObject({ effect: Effect.WAITING });
  });

  it('VR21 does not keep anybody from deleting a filing', async () => {
    const record = filing(CHANGED, testMessageId(1, OTHER), {
      envelope: { operation: Operation.DELETE, operationReason: '录入错误' },
    });
    expect(await found(record)).toEqual([]);
  });
});

describe('a filing that comes together with its registration', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('VR21 finds it, though nothing of it is stored yet', async () => {
    const validation = validationAt();
    const call = Symbol('test');
    const results = await openIntake(database.knex).accept([
      admitRegistration(validRegistration(), validation).submission(call),
      admitRecord(filing(1, testMessageId(1, 1)), validation).submission(call),
      admitRecord(filing(1, testMessageId(77, 1)), validation).submission(call),
    ]);
    const codes = results.map((one) => (one.ok ? one.warnings.map(({ code }) => code) : undefined));
    expect(codes).toEqual([[], [], ['FILING_EVENT_UNKNOWN']]);
  });
});
