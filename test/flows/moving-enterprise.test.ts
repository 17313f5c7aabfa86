import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { EventType } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  registrationInGuangzhou,
  testName,
  testUscc,
  validChange,
  validInspection,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';

/** The next event of the enterprise, at its new province. */
function laterChange(number: number) {
  const { envelope: _, ...moved } = registrationInGuangzhou({}, { number });
  const change = { ...validChange({}, { number }).changes[0]!, altDate: '2019-12-20' };
  return validRegistration(
    {
      ...moved,
      ...{ eventType: EventType.CHANGE, apprDate: '2019-12-20' },
      ...{ entName: change.altAf, changes: [change] },
    },
    {
      number,
      envelope: {
        messageId: '0000000c-0000-4000-8000-000000000002',
        sourceNode: '440000',
        businessKey: 'GD-2',
      },
    },
  );
}

function centralLicence() {
  return validLicence(
    { licId: 'LIC-CENTRAL', counterpart: { uscc: testUscc(1), entName: '另有其名的公司' } },
    { number: 55, envelope: { sourceNode: '100000' } },
  );
}

async function waitingAt(node: TestNode): Promise<string[]> {
  const waiting = await node.sql<{ business_key: string }>(
    'select business_key from records where naming_reason <> 0 order by business_key',
  );
  return waiting.map((record) => record.business_key);
}

async function licencesAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '');
}

describe('an enterprise that moves to another province', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
    const { zhejiang, national } = trio;
    await zhejiang.registration.submitRegistration({
      registration: validRegistration({ catalogVersion: '2019.12-prov' }),
    });
    await zhejiang.exchange.submitRecord({ record: validLicence() });
    await zhejiang.exchange.submitRecord({
      record: validInspection({}, { nonPublic: true, nonPublicBasis: '涉及商业秘密' }),
    });
    // A central record that nobody can attribute yet: the name differs.
    await national.exchange.submitRecord({ record: centralLicence() });
    await eventually(async () => {
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
      expect(await waitingAt(zhejiang)).toEqual(['LIC-CENTRAL']);
    });
  });
  afterAll(() => trio.stop());

  it('R53 its records follow to the new province by way of the national node, and are attributed there', async () => {
    const { guangdong, national } = trio;
    const { receipt } = await guangdong.registration.submitRegistration({
      registration: registrationInGuangzhou(),
    });
    expect(receipt?.duplicate).toBe(false);
    await eventually(async () => {
      expect(await licencesAt(guangdong, 1)).toEqual(['LIC-1']);
      const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(shown.licences.map((one) => one.attributedByNode)).toEqual(['440000']);
    });
    expect(
      await trio.zhejiang.sql("select 1 from deliveries where destination = '440000'"),
    ).toEqual([]);
  });

  it('R53 a record that waited to be attributed at the old province waits at the new one too', async () => {
    await eventually(async () => {
      expect(await waitingAt(trio.guangdong)).toEqual(['LIC-CENTRAL']);
    });
  });

  it('R30 departments of the old province hear of the move, and of what comes after it', async () => {
    const { zhejiang, guangdong } = trio;
    const toldOf = () =>
      zhejiang.sql<{ dept_code: string; event: string }>(
        `select p.dept_code, m.business_key as event from packages p
           join messages m on m.seq = p.message_seq order by p.seq`,
      );
    await eventually(async () => {
      expect((await toldOf()).map(({ event }) => event)).toEqual(['REG-1', 'GD-1']);
    });
    await guangdong.registration.submitRegistration({ registration: laterChange(1) });
    await eventually(async () => {
      const told = await toldOf();
      expect(told.map(({ event }) => event)).toEqual(['REG-1', 'GD-1', 'GD-2']);
      expect(new Set(told.map(({ dept_code }) => dept_code)).size).toBe(1);
    });
  });

  it('R53 D6 what the old province attributed before it knew of the move goes on to the new one, once', async () => {
    const { national, guangdong } = trio;
    const uscc = testUscc(1);
    const sent = validLicence(
      { licId: 'LIC-CROSSED', counterpart: { uscc, entName: testName(1) } },
      { number: 56 },
    );
    const payload = toBinary(RecordSchema, sent);
    const { results } = await national.exchange.deliver({
      ...{ fromNode: '330000', toNode: '100000' },
      deliveries: [
        {
          ...{ kind: MessageKind.LICENCE, payload, messageId: sent.envelope!.messageId },
          ...{ digest: createHash('sha256').update(payload).digest(), orderKey: uscc },
          ...{ action: DeliveryAction.CARRY, sourceNode: '330000' },
          attribution: { state: 2, uscc, node: '330000', method: 'uscc+name' },
        },
      ],
    });
    expect(results.map((one) => one.outcome)).toEqual([DeliveryOutcome.ACCEPTED]);
    await eventually(async () => {
      expect(await licencesAt(guangdong, 1)).toContain('LIC-CROSSED');
      const shown = await national.dataCenter.getDisclosure({ uscc });
      expect(new Set(shown.licences.map((one) => one.attributedByNode))).toEqual(
        new Set(['440000']),
      );
    });
    const trips = await national.sql(
      `select d.destination from deliveries d join messages m on m.seq = d.message_seq
        where m.business_key = 'LIC-CROSSED'`,
    );
    expect(trips).toEqual([{ destination: '440000' }]);
  });

  it('R55 what is not public stays where it was decided', async () => {
    for (const node of [trio.national, trio.guangdong])
      expect(await node.sql("select 1 from records where business_key = 'INSP-1'")).toEqual([]);
  });

  it('R41 the old province keeps a read-only copy and publishes it no more', async () => {
    const { zhejiang } = trio;
    await eventually(async () => {
      const { enterprise } = await zhejiang.registration.getEnterprise({ uscc: testUscc(1) });
      expect(enterprise?.homeNode).toBe('440000');
    });
    await expect(zhejiang.dataCenter.getDisclosure({ uscc: testUscc(1) })).rejects.toMatchObject({
      reason: 'NOT_FOUND',
    });
    const change = validChange(
      { catalogVersion: '2019.12-prov', apprDate: '2019-12-20' },
      { envelope: { businessKey: 'REG-later' } },
    );
    await expect(
      zhejiang.registration.submitRegistration({ registration: change }),
    ).rejects.toMatchObject({ reason: 'ENTITY_STATE' });
  });

  it('VR25 a record that reaches the old province afterwards goes on to the new one', async () => {
    const { zhejiang, guangdong } = trio;
    const late = validLicence(
      { licId: 'LIC-LATE', counterpart: { uscc: testUscc(1), entName: testName(1) } },
      { number: 77 },
    );
    await zhejiang.exchange.submitRecord({ record: late });
    await eventually(async () => {
      expect(await licencesAt(guangdong, 1)).toContain('LIC-LATE');
    });
  });
});
