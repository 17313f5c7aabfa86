import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import {
  PublicityChangeSchema,
  type PublicityChange,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  AUTHORITY,
  registrationInGuangzhou,
  testCounterpart,
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';
const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };

let trio: Trio;
beforeAll(async () => {
  trio = await startTrio();
});
afterAll(() => trio.stop());

async function licencesAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '');
}

async function register(number: number): Promise<void> {
  await trio.zhejiang.registration.submitRegistration({
    registration: validRegistration(CATALOGUE, { number }),
  });
}

async function quiet(): Promise<void> {
  await eventually(async () => {
    const nodes = [trio.zhejiang, trio.national, trio.guangdong];
    expect(await onItsWay(nodes, { dead: true })).toEqual([]);
  });
}

const isMarked = async (node: TestNode, key: string) =>
  (
    await node.sql<{ non_public: boolean }>(
      'select non_public from records where business_key = ?',
      [key],
    )
  ).map((row) => row.non_public);

/** A version of a licence that its authority reports in the province. */
function versionOf(number: number, version: number, message: number, marked: boolean): Record {
  return validLicence(
    { licItem: `第${version}版` },
    {
      number,
      ...(marked && HIDDEN),
      envelope: { recordVersion: BigInt(version), messageId: testMessageId(60 + message, number) },
    },
  );
}

function nationalLicence(number: number, version = 1, options: object = {}): Record {
  return validLicence(
    {
      counterpart: testCounterpart(number, { regOrg: '330902' }),
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      licItem: `第${version}版`,
    },
    {
      number,
      ...options,
      envelope: {
        sourceNode: '100000',
        sourceOrg: SAMR,
        messageId: testMessageId(60 + version, number),
        recordVersion: BigInt(version),
      },
    },
  );
}

/** The authority of a national licence sets or clears its mark at a node. */
function changeAt(
  sourceNode: string,
  number: number,
  nonPublic: boolean,
  version: number,
): PublicityChange {
  return validPublicityChange(
    {
      nonPublic,
      record: { kind: MessageKind.LICENCE, ownerOrg: SAMR, businessKey: `LIC-${number}` },
    },
    {
      number,
      envelope: {
        sourceNode,
        sourceOrg: SAMR,
        messageId: testMessageId(80 + version, number),
        recordVersion: BigInt(version),
      },
    },
  );
}

describe('a mark in a version that comes too late', () => {
  const submit = (record: Record) => trio.zhejiang.exchange.submitRecord({ record });

  it.each([
    ['of an earlier number', 1, 2],
    ['of the number that is held', 2, 3],
  ])('R55 a version %s is not taken, but its mark is', async (_, number, late) => {
    await register(number);
    await submit(versionOf(number, 1, 1, false));
    await submit(versionOf(number, 3, 3, false));
    await eventually(async () => {
      for (const node of [trio.zhejiang, trio.national])
        expect(await licencesAt(node, number)).toEqual([`LIC-${number}`]);
    });
    const { warnings } = await submit(versionOf(number, late, 7, true));
    expect(warnings.map(({ code }) => code)).toContain('MARKED_BY_OLD_VERSION');
    await eventually(async () => {
      for (const node of [trio.zhejiang, trio.national])
        expect(await licencesAt(node, number)).toEqual([]);
    });
    await quiet();

    // The authority's own clearance ends it, and the newest version is what is shown.
    await trio.zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange(
        {
          nonPublic: false,
          record: {
            kind: MessageKind.LICENCE,
            ownerOrg: AUTHORITY.code,
            businessKey: `LIC-${number}`,
          },
        },
        { number },
      ),
    });
    await eventually(async () => {
      const { licences } = await trio.national.dataCenter.getDisclosure({ uscc: testUscc(number) });
      expect(
        licences.map((one) => (one.record?.body.value as { licItem: string }).licItem),
      ).toEqual(['第3版']);
    });
    await quiet();
  });

  it('R55 F20 of the national level it reaches the province that has the newest version', async () => {
    await register(3);
    const { national, zhejiang } = trio;
    await national.exchange.submitRecord({ record: nationalLicence(3, 1) });
    await national.exchange.submitRecord({ record: nationalLicence(3, 3) });
    await eventually(async () => {
      for (const node of [zhejiang, national]) expect(await licencesAt(node, 3)).toEqual(['LIC-3']);
    });
    await quiet();
    await national.exchange.submitRecord({ record: nationalLicence(3, 2, HIDDEN) });
    await eventually(async () => {
      for (const node of [zhejiang, national]) expect(await licencesAt(node, 3)).toEqual([]);
    });
    await quiet();
  });
});

describe('marks of two nodes', () => {
  it('F20 a mark from the national node holds, whatever number the unit used in the province', async () => {
    await register(4);
    const { national, zhejiang } = trio;
    await national.exchange.submitRecord({ record: nationalLicence(4) });
    await eventually(async () => {
      for (const node of [zhejiang, national]) expect(await licencesAt(node, 4)).toEqual(['LIC-4']);
    });
    await zhejiang.exchange.setRecordPublicity({ change: changeAt('330000', 4, false, 5) });
    await national.exchange.setRecordPublicity({ change: changeAt('100000', 4, true, 3) });
    await eventually(async () => {
      for (const node of [zhejiang, national]) expect(await licencesAt(node, 4)).toEqual([]);
    });
    await quiet();
  });
});

describe('a mark on its way down', () => {
  it.each([
    ['is a dead letter', 6, 'state = 3'],
    [
      'waits after a failed attempt',
      7,
      "next_attempt_at = now() + interval '1 hour', last_reason = 12",
    ],
  ])('F20 passes what %s of its enterprise', async (_, number, how) => {
    await register(number);
    const { national, zhejiang } = trio;
    await national.exchange.submitRecord({ record: nationalLicence(number) });
    await eventually(async () => {
      for (const node of [zhejiang, national])
        expect(await licencesAt(node, number)).toEqual([`LIC-${number}`]);
    });
    await quiet();
    await national.sql(
      `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
              state, created_at, next_attempt_at, last_reason)
       select message_seq, destination, entity, lane, action, kind, rule, revision, 1, now(),
              now() + interval '1 hour', 12
         from deliveries where entity = ? and destination = '330000'`,
      [testUscc(number)],
    );
    await national.sql(`update deliveries set ${how} where entity = ? and state = 1`, [
      testUscc(number),
    ]);
    await national.exchange.setRecordPublicity({ change: changeAt('100000', number, true, 1) });
    await eventually(async () => {
      for (const node of [zhejiang, national]) expect(await licencesAt(node, number)).toEqual([]);
    });
    await national.sql(
      'update deliveries set state = 1, next_attempt_at = null where state in (1, 3)',
    );
    await quiet();
    expect(await isMarked(zhejiang, `LIC-${number}`)).toEqual([true]);
  });

  it('F20 comes again until the record is there', async () => {
    const change = changeAt('100000', 8, true, 1);
    const payload = toBinary(PublicityChangeSchema, change);
    const { results } = await trio.zhejiang.exchange.deliver({
      fromNode: '100000',
      toNode: '330000',
      deliveries: [
        {
          messageId: change.envelope?.messageId ?? '',
          sourceNode: '100000',
          kind: MessageKind.PUBLICITY_CHANGE,
          action: DeliveryAction.CARRY,
          rule: 'DOWN-HOME',
          payload,
          digest: createHash('sha256').update(payload).digest(),
          publicityRevision: 1n,
        },
      ],
    });
    expect(results.map(({ outcome }) => outcome)).toEqual([DeliveryOutcome.RETRY]);
  });
});

describe('marks of a record whose enterprise moved', () => {
  it('F20 every province that has the record learns of the mark, and of its end', async () => {
    const { national, zhejiang, guangdong } = trio;
    await register(5);
    // A name that is not the enterprise's: each province attributes it by hand.
    const licence = nationalLicence(5);
    const counterpart = testCounterpart(5, { regOrg: '330902', entName: '名称有出入的公司' });
    if (licence.body.case === 'licence') licence.body.value.counterpart = counterpart;
    await national.exchange.submitRecord({ record: licence });
    const attribute = (node: TestNode) =>
      eventually(() =>
        node.dataCenter.resolveUnattributed({
          messageId: licence.envelope?.messageId ?? '',
          sourceNode: '100000',
          resolution: { case: 'attributeToUscc', value: testUscc(5) },
          resolvedBy: '记名员',
        }),
      );
    await attribute(zhejiang);
    await eventually(async () => {
      expect(await licencesAt(national, 5)).toEqual(['LIC-5']);
    });
    await guangdong.registration.submitRegistration({
      registration: registrationInGuangzhou({}, { number: 5 }),
    });
    await eventually(async () => {
      expect(await isMarked(guangdong, 'LIC-5')).toEqual([false]);
    });

    await national.exchange.setRecordPublicity({ change: changeAt('100000', 5, true, 1) });
    await eventually(async () => {
      for (const node of [national, zhejiang, guangdong])
        expect(await isMarked(node, 'LIC-5'), node.code).toEqual([true]);
    });
    await attribute(guangdong);
    expect(await licencesAt(guangdong, 5)).toEqual([]);
    await quiet();

    await national.exchange.setRecordPublicity({ change: changeAt('100000', 5, false, 2) });
    await eventually(async () => {
      expect(await licencesAt(guangdong, 5)).toEqual(['LIC-5']);
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(5) });
      expect(licences.map((one) => one.attributedByNode)).toEqual(['440000']);
    });
    await quiet();
  });
});
