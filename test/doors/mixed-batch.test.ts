import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  testMessageId,
  testUscc,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
} from '../support/builders.js';
import { doors, METHODS, type OpenDoor } from '../support/doors.js';
import { halfWritten } from '../support/half-written.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

function registration(number: number, overrides = {}): RegistrationEvent {
  return validRegistration({ ...CATALOGUE, ...overrides }, { number });
}

/** What came of each message: `stored`, `again`, or the reason it was refused for. */
function outcomes(results: readonly SubmissionResult[]): string[] {
  return results.map(({ outcome }) => {
    if (outcome.case === 'receipt') return outcome.value.duplicate ? 'again' : 'stored';
    return outcome.case === 'refusal' ? (ErrorReason[outcome.value.reason] ?? 'unknown') : 'none';
  });
}

const byDoor = Object.keys(doors).map((name, index) => ({ name, first: (index + 1) * 100 }));

describe.each(byDoor)('D13 a batch of good and bad messages through $name', ({ name, first }) => {
  let node: TestNode;
  let door: OpenDoor;
  beforeAll(async () => {
    node = await startTestNode({});
    door = doors[name]!(node.address);
  });
  afterAll(async () => {
    expect(await halfWritten(node)).toEqual([]);
    door.close();
    await node.stop();
  });

  async function send(method: string, request: object): Promise<readonly SubmissionResult[]> {
    const rpc = METHODS.find((one) => one.name === method)!;
    const answer = await door.ask(rpc, request);
    return (answer as { results: SubmissionResult[] }).results;
  }

  it('gives each registration its own result, in order, and stores the good ones', async () => {
    const elsewhere = validRegistration(CATALOGUE, {
      number: first + 3,
      envelope: { sourceNode: '440000' },
    });
    const reused = registration(first + 5, { lerep: '另一人' });
    reused.envelope!.messageId = testMessageId(1, first);
    const registrations = [
      registration(first),
      registration(first + 1, { uscc: '91330902MA2000014Z' }),
      registration(first + 2, { entName: '名称\0有限公司' }),
      elsewhere,
      registration(first + 4),
      reused,
      registration(first),
      registration(first + 6, { envelope: undefined }),
      registration(first + 7),
    ];
    const results = await send('BatchSubmitRegistrations', { registrations });
    expect(results.map((result) => result.messageId)).toEqual(
      registrations.map((event) => event.envelope?.messageId ?? ''),
    );
    expect(outcomes(results)).toEqual([
      'stored',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      'stored',
      'MESSAGE_ID_REUSED',
      'again',
      'VALIDATION_FAILED',
      'stored',
    ]);
    const stored = await node.sql<{ entity: string }>('select entity from messages order by seq');
    expect(stored.map((row) => row.entity)).toEqual(
      [first, first + 4, first + 7].map((number) => testUscc(number)),
    );
  });

  it('gives each record its own result, with findings in both languages', async () => {
    const number = first;
    const records: Record[] = [
      validLicence({}, { number }),
      validLicence({ licDocNo: '无' }, { number: number + 1 }),
      validFiling({ permitItemCode: 'PX-0035' }, { number }),
      validInspection({ resultCodes: ['1', '3'] }, { number }),
      validPenalty({}, { number }),
      validPenalty({ fineFen: -1n }, { number: number + 1 }),
      { ...validLicence({}, { number: number + 2 }), body: { case: undefined } },
      validInspection({}, { number: number + 1 }),
    ];
    const results = await send('BatchSubmitRecords', { records });
    expect(outcomes(results)).toEqual([
      'stored',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      'stored',
      'VALIDATION_FAILED',
      'VALIDATION_FAILED',
      'stored',
    ]);
    for (const { outcome } of results)
      if (outcome.case === 'refusal')
        expect(outcome.value.findings[0]).toMatchObject({
          field: expect.stringMatching(/./),
          messageZh: expect.stringMatching(/\p{Script=Han}/u),
          messageEn: expect.stringMatching(/[a-z]/),
        });
    const stored = await node.sql('select 1 from records');
    expect(stored).toHaveLength(3);
  });

  it('keeps a refusal without content for each of the others (F3)', async () => {
    await node.node.stop();
    const refusals = await node.sql<{ kind: number }>('select * from refusals');
    expect(refusals).toHaveLength(10);
    expect(JSON.stringify(refusals)).not.toMatch(/名称|另一人|91330902MA2000014Z/);
  });
});
