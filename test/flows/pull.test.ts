import { fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryOutcome,
  type DeliveryAcknowledgementSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import {
  testCounterpart,
  testUscc,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const SAMR = '11100000MB0143028R';

function nationalLicence(number: number, counterpart = testCounterpart(number)) {
  return validLicence(
    { licAuthorityCode: SAMR, licAuthorityName: '国家市场监督管理总局', counterpart },
    { number, envelope: { sourceNode: '100000', sourceOrg: SAMR } },
  );
}

describe('a province that can not be called', () => {
  let national: TestNode;
  const provinces: TestNode[] = [];
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
  });
  afterAll(async () => {
    for (const province of provinces) await province.stop();
    await national.stop();
  });

  async function startProvince(pull: boolean): Promise<TestNode> {
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
      HUB_PULL: String(pull),
    });
    provinces.push(province);
    return province;
  }

  /** Registers enterprises; the national node knows all of them then, which come by several lanes. */
  async function register(province: TestNode, numbers: readonly number[]): Promise<void> {
    await province.registration.batchSubmitRegistrations({
      registrations: numbers.map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      ),
    });
    await eventually(async () => {
      expect(await province.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
  }

  it('R29 fetches what is meant for it, attributes it, and reports it up', async () => {
    const province = await startProvince(true);
    await province.registration.submitRegistration({
      registration: validRegistration({ catalogVersion: '2019.12-prov' }),
    });
    await eventually(() => national.registration.getEnterprise({ uscc: testUscc(1) }));
    await national.exchange.submitRecord({ record: nationalLicence(1) });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(licences).toHaveLength(1);
      expect(await national.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
    await province.stop();
    provinces.pop();
  });

  it('sends no more at once than the puller may hold, and counts an acknowledgement once', async () => {
    const province = await startProvince(false);
    const numbers = [11, 12, 13, 14, 15];
    await register(province, numbers);
    await national.exchange.batchSubmitRecords({
      records: numbers.map((number) => nationalLicence(number)),
    });

    const ending = new AbortController();
    const pulled: string[] = [];
    const reading = (async () => {
      const request = { node: '330000', maxInFlight: 2 };
      for await (const { deliveryId } of national.exchange.pullMessages(request, {
        signal: ending.signal,
      }))
        pulled.push(deliveryId);
    })().catch(() => undefined);
    await eventually(async () => {
      await Promise.resolve();
      expect(pulled).toHaveLength(2);
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(pulled).toHaveLength(2);

    const acknowledge = (node: string) =>
      national.exchange.acknowledgeMessages({
        node,
        acknowledgements: pulled.slice(0, 2).map((deliveryId) => ({
          deliveryId,
          result: { outcome: DeliveryOutcome.ACCEPTED },
        })),
      });
    expect((await acknowledge('440000')).applied).toBe(0);
    expect((await acknowledge('330000')).applied).toBe(2);
    expect((await acknowledge('330000')).applied).toBe(0);
    await eventually(async () => {
      await Promise.resolve();
      expect(pulled.length).toBe(4);
    });
    ending.abort();
    await reading;
    expect(new Set(pulled).size).toBe(pulled.length);
    await province.stop();
    provinces.pop();
  });

  it('D14 what can not be sent any more is a dead letter, and the stream goes on with the rest', async () => {
    const province = await startProvince(false);
    const numbers = [21, 22];
    await register(province, numbers);
    await national.sql('update deliveries set state = 2 where state = 1');
    await national.exchange.batchSubmitRecords({
      records: numbers.map((number) => nationalLicence(number)),
    });
    // As an earlier version stored a hop that came without its moment. One lane: the first goes first.
    await national.sql(
      `update messages set hops = '[{"node": "100000", "at": ""}]' where business_key = 'LIC-21'`,
    );
    await national.sql('update deliveries set lane = 0 where state = 1');
    for await (const { delivery } of national.exchange.pullMessages({ node: '330000' })) {
      expect(delivery?.messageId).toBe(nationalLicence(22).envelope?.messageId);
      break;
    }
    const ended = await national.sql(
      `select m.business_key as key, d.last_reason as reason
         from deliveries d join messages m on m.seq = d.message_seq where d.state = 3`,
    );
    expect(ended).toEqual([{ key: 'LIC-21', reason: ErrorReason.UNDECODABLE }]);
  });

  it('D7 what is called back while a reader takes its time does not come any more', async () => {
    const province = await startProvince(false);
    const numbers = Array.from({ length: 40 }, (_, index) => 101 + index);
    await register(province, numbers);
    await national.sql('update deliveries set state = 2 where state = 1');
    await national.exchange.batchSubmitRecords({
      records: numbers.map((number) => nationalLicence(number)),
    });
    // So large that the stream stands still until they are read.
    await national.sql(
      `update messages set payload = payload || decode(repeat('00', 200000), 'hex')
        where seq in (select message_seq from deliveries where state = 1)`,
    );
    await national.sql('update deliveries set lane = 0 where state = 1');
    const open = await national.sql<{ id: number }>(
      'select id from deliveries where state = 1 order by id',
    );
    expect(open).toHaveLength(40);

    const ending = new AbortController();
    const stream = national.exchange.pullMessages(
      { node: '330000', maxInFlight: 100 },
      { signal: ending.signal },
    );
    const calledBack = String(open[37]?.id);
    const pulled: string[] = [];
    for await (const { deliveryId } of stream) {
      pulled.push(deliveryId);
      if (pulled.length === 1)
        await national.sql('update deliveries set state = 4 where id = ?', [calledBack]);
      if (pulled.length === 39) break;
    }
    ending.abort();
    expect(new Set(pulled).size).toBe(39);
    expect(pulled).not.toContain(calledBack);
    await province.stop();
    provinces.pop();
  });

  it('D5 a licence that is marked while a reader takes its time is not cited any more', async () => {
    const province = await startTestNode({ HUB_REGION: '330000' });
    provinces.push(province);
    const numbers = Array.from({ length: 40 }, (_, index) => 201 + index);
    const licNo = (number: number) => `JY33309020${number.toString().padStart(6, '0')}`;
    const licences = numbers.map((number) => validLicence({ licNo: licNo(number) }, { number }));
    const penalties = numbers.map((number) =>
      validPenalty({ relatedLicenceNo: licNo(number) }, { number }),
    );
    await province.registration.batchSubmitRegistrations({
      registrations: numbers.map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      ),
    });
    await province.exchange.batchSubmitRecords({ records: licences });
    await province.sql('update deliveries set state = 2 where state = 1');
    await province.exchange.batchSubmitRecords({ records: penalties });
    // So large that the stream stands still until they are read.
    const large = 'x'.repeat(200_000);
    for (const penalty of penalties) {
      if (penalty.body.case === 'penalty') penalty.body.value.illegalFact = large;
      await province.sql(
        'update messages set payload = ? where source_node = ? and message_id = ?',
        [Buffer.from(toBinary(RecordSchema, penalty)), '330000', penalty.envelope?.messageId],
      );
    }
    await province.sql('update deliveries set lane = 0 where state = 1');

    const cited: string[] = [];
    for await (const { delivery } of province.exchange.pullMessages({ node: '100000' })) {
      const { body } = fromBinary(RecordSchema, delivery?.payload ?? new Uint8Array());
      cited.push(body.case === 'penalty' ? body.value.relatedLicenceNo : '?');
      if (cited.length === 1)
        await province.exchange.setRecordPublicity({
          change: validPublicityChange({}, { number: 238 }),
        });
      if (cited.length === numbers.length) break;
    }
    expect(cited.filter((number) => number === '')).toHaveLength(1);
    expect(cited).not.toContain(licNo(238));
    await province.stop();
    provinces.pop();
  });

  it('D14 a late refusal of what was fetched again since says nothing; that it was taken does', async () => {
    await national.sql('update deliveries set state = 2 where state = 1');
    const numbers = [31, 32, 33];
    await national.exchange.batchSubmitRecords({
      records: numbers.map((number) =>
        nationalLicence(number, testCounterpart(number, { regOrg: '330902' })),
      ),
    });
    /** In the order of their numbers: which delivery, and which attempt at it. */
    const fetchAll = async (signal?: AbortSignal) => {
      const fetched: { deliveryId: string; attempt: number }[] = [];
      for await (const { deliveryId, attempt } of national.exchange.pullMessages(
        { node: '330000' },
        { ...(signal && { signal }) },
      )) {
        fetched.push({ deliveryId, attempt });
        if (fetched.length === numbers.length) break;
      }
      return fetched.sort((one, other) => Number(one.deliveryId) - Number(other.deliveryId));
    };
    const first = await fetchAll();
    // Its lease is over, and the node comes again; the stream that it left may have claimed them meanwhile.
    const again = await eventually(async () => {
      await national.sql(
        `update deliveries set next_attempt_at = now() - interval '1 second' where state = 1`,
      );
      return fetchAll(AbortSignal.timeout(5_000));
    });
    for (const [index, { attempt }] of again.entries())
      expect(attempt).toBeGreaterThan(first[index]!.attempt);
    const acknowledge = (
      acknowledgements: readonly MessageInitShape<typeof DeliveryAcknowledgementSchema>[],
    ) =>
      national.exchange.acknowledgeMessages({
        node: '330000',
        acknowledgements: [...acknowledgements],
      });
    const { REFUSED, RETRY, ACCEPTED } = DeliveryOutcome;
    const late = await acknowledge(
      [REFUSED, RETRY, ACCEPTED].map((outcome, index) => ({
        ...first[index]!,
        result: { outcome },
      })),
    );
    expect(late.applied).toBe(1);
    // An earlier version does not say which attempt it speaks of: the last.
    const last = await acknowledge([
      { ...again[0]!, result: { outcome: REFUSED } },
      { deliveryId: again[1]!.deliveryId, result: { outcome: ACCEPTED } },
    ]);
    expect(last.applied).toBe(2);
    expect(
      await national.sql(
        'select state, attempts from deliveries where id = any(?::bigint[]) order by id',
        [again.map(({ deliveryId }) => deliveryId)],
      ),
    ).toEqual([3, 2, 2].map((state, index) => ({ state, attempts: again[index]!.attempt })));
  });
});
