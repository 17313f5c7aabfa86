import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import { createGrpcHub } from '../../clients/grpc-hub.js';
import {
  testCounterpart,
  testMessageId,
  testUscc,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';
const LIMIT = 100;
const MANY = Array.from({ length: LIMIT + 10 }, (_, index) => 101 + index);

/** Whether each was taken, or why not. */
function outcomesOf(results: readonly SubmissionResult[]): string[] {
  return results.map(({ outcome }) =>
    outcome.case === 'refusal' ? (ErrorReason[outcome.value.reason] ?? '') : (outcome.case ?? ''),
  );
}

async function* inOneBatch(records: Record[]): AsyncGenerator<{ records: Record[] }> {
  yield { records };
}

describe('a version that carries the mark, at a node that takes nothing more', () => {
  describe('a province', () => {
    let province: TestNode;
    const numbers = [1, 2, 3, 4];
    beforeAll(async () => {
      province = await startTestNode({
        HUB_REGION: '330000',
        HUB_UPSTREAM_URL: `http://127.0.0.1:${await freePort()}`,
        HUB_BACKLOG_LIMIT: String(LIMIT),
      });
      const register = (some: number[]) =>
        province.registration.batchSubmitRegistrations({
          registrations: some.map((number) => validRegistration(CATALOGUE, { number })),
        });
      await register(numbers);
      const records = numbers.map((number) => validLicence({}, { number }));
      await province.exchange.batchSubmitRecords({ records });
      expect((await shown()).flat()).toHaveLength(numbers.length);
      await register(MANY);
      await eventually(async () => {
        await expect(
          province.exchange.submitRecord({ record: validLicence({}, { number: 101 }) }),
        ).rejects.toMatchObject({ reason: 'BACKLOG_FULL' });
        // Counted in the database, just past the limit: no count that began before comes after it.
        const { backlog } = await province.dataCenter.getNodeStatus({});
        expect(backlog).toBe(BigInt(LIMIT + 1));
      });
    });
    afterAll(() => province.stop());

    function shown(): Promise<string[][]> {
      return Promise.all(
        numbers.map(async (number) => {
          const { licences } = await province.dataCenter.getDisclosure({ uscc: testUscc(number) });
          return licences.map(({ record }) => record?.envelope?.businessKey ?? '');
        }),
      );
    }

    const second = (number: number, nonPublic: boolean): Record =>
      validLicence(
        {},
        {
          number,
          nonPublic,
          nonPublicBasis: nonPublic ? '涉及商业秘密' : '',
          envelope: { recordVersion: 2n, messageId: testMessageId(71, number) },
        },
      );

    it('R55 D7 is taken alone, and with others of which each is told to come again', async () => {
      const { exchange } = province;
      await exchange.submitRecord({ record: second(1, true) });
      expect(await shown()).toEqual([[], ['LIC-2'], ['LIC-3'], ['LIC-4']]);

      const batch = [second(4, false), second(2, true), validLicence({}, { number: 102 })];
      const { results } = await exchange.batchSubmitRecords({ records: batch });
      expect(outcomesOf(results)).toEqual(['BACKLOG_FULL', 'receipt', 'BACKLOG_FULL']);
      expect(results[0]?.outcome).toMatchObject({ value: { retryAfterMs: 2000n } });
      expect(await shown()).toEqual([[], [], ['LIC-3'], ['LIC-4']]);

      const streamed = exchange.streamRecords(inOneBatch([second(4, false), second(3, true)]));
      const answers: string[][] = [];
      for await (const answer of streamed) answers.push(outcomesOf(answer.results));
      expect(answers).toEqual([['BACKLOG_FULL', 'receipt']]);
      expect(await shown()).toEqual([[], [], [], ['LIC-4']]);
      // What waits for room is no refusal for good, and opens nothing.
      expect(await province.sql('select 1 from refusals')).toEqual([]);

      // A batch without a mark is refused as a whole, as before.
      await expect(
        exchange.batchSubmitRecords({ records: [second(4, false)] }),
      ).rejects.toMatchObject({ reason: 'BACKLOG_FULL', retryAfterMs: 2000 });
    });

    it('D13 what was told to come again is sent again by the client, and taken when there is room', async () => {
      const hub = createGrpcHub(province.address, { patience: { giveUpAfterMs: 60_000 } });
      const records = [
        second(4, false),
        validLicence({}, { number: 5, nonPublic: true, nonPublicBasis: '涉及商业秘密' }),
      ];
      const taken: (string | undefined)[] = [];
      for await (const { message, accepted } of hub.submitRecords(records)) {
        taken.push(accepted ? message.envelope?.businessKey : 'refused');
        // Again, when an attempt that ends at this moment is in the way.
        await eventually(() => province.sql('update deliveries set state = 2 where state = 1'));
      }
      hub.close();
      expect(taken).toEqual(['LIC-5', 'LIC-4']);
    });
  });

  describe('the national node', () => {
    let national: TestNode;
    beforeAll(async () => {
      national = await startTestNode({
        HUB_LEVEL: 'national',
        HUB_NODES: `330000=http://127.0.0.1:${await freePort()}`,
        HUB_BACKLOG_LIMIT: String(LIMIT),
        HUB_BACKLOG_PER_NODE: String(10 * LIMIT),
      });
      await national.exchange.batchSubmitRecords({
        records: MANY.map((number) => version(number)),
      });
      await eventually(async () => {
        await expect(national.exchange.submitRecord({ record: version(3) })).rejects.toMatchObject({
          reason: 'BACKLOG_FULL',
        });
      });
    });
    afterAll(() => national.stop());

    /** A licence of the national level, whose province is known; the second version carries the mark. */
    function version(number: number, recordVersion = 1n): Record {
      const hidden = recordVersion > 1n;
      return validLicence(
        {
          licAuthorityCode: SAMR,
          licAuthorityName: '国家市场监督管理总局',
          counterpart: testCounterpart(number),
        },
        {
          number,
          nonPublic: hidden,
          nonPublicBasis: hidden ? '涉及商业秘密' : '',
          envelope: {
            sourceNode: '100000',
            sourceOrg: SAMR,
            recordVersion,
            messageId: testMessageId(71 + Number(recordVersion), number),
          },
        },
      );
    }

    it('D7 takes the mark of what it has; what it has not is on no page, and waits', async () => {
      const [known = 0] = MANY;
      const records = [version(known, 2n), version(1, 2n)];
      const { results } = await national.exchange.batchSubmitRecords({ records });
      expect(outcomesOf(results)).toEqual(['receipt', 'BACKLOG_FULL']);
      const held = await national.sql('select business_key as key from records where non_public');
      expect(held).toEqual([{ key: `LIC-${known}` }]);
      await expect(
        national.exchange.submitRecord({ record: version(2, 2n) }),
      ).rejects.toMatchObject({ reason: 'BACKLOG_FULL', retryAfterMs: 2000 });
    });
  });
});
