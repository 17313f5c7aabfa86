import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import {
  AUTHORITY,
  testCounterpart,
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { searchNode } from '../support/search.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

let trio: Trio;
beforeAll(async () => {
  trio = await startTrio();
});
afterAll(() => trio.stop());

async function register(number: number): Promise<void> {
  await trio.zhejiang.registration.submitRegistration({
    registration: validRegistration(CATALOGUE, { number }),
  });
  await eventually(() => trio.national.registration.getEnterprise({ uscc: testUscc(number) }));
}

/** Text that occurs in one version of one licence and nowhere else. */
const marker = (number: number, version: number): string => `MARKE${number}V${version}X`;

/** A version of a licence about an enterprise of 浙江, reported at a node. */
function licence(node: TestNode, number: number, version = 1): Record {
  return validLicence(
    {
      licItem: marker(number, version),
      counterpart: testCounterpart(number, { regOrg: node.code === '330000' ? '330902' : '' }),
    },
    {
      number,
      envelope: {
        sourceNode: node.code,
        recordVersion: BigInt(version),
        messageId: testMessageId(100 + version, number),
      },
    },
  );
}

/** Its authority sets or clears the mark at a node, and counts its changes there. */
function changeAt(
  node: TestNode,
  number: number,
  nonPublic: boolean,
  count: number,
): PublicityChange {
  return validPublicityChange(
    { nonPublic },
    {
      number,
      envelope: {
        sourceNode: node.code,
        sourceOrg: AUTHORITY.code,
        recordVersion: BigInt(count),
        messageId: testMessageId(Number(node.code.slice(0, 2)) * 1000 + count, number),
      },
    },
  );
}

async function shownAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map(({ record }) =>
    record?.body.case === 'licence' ? record.body.value.licItem : '',
  );
}

/** 浙江 and the national node show these versions, and no other. */
const expectShown = (number: number, ...versions: number[]): Promise<void> =>
  eventually(async () => {
    for (const node of [trio.zhejiang, trio.national])
      expect(await shownAt(node, number), node.code).toEqual(
        versions.map((version) => marker(number, version)),
      );
  });

async function quiet(): Promise<void> {
  await eventually(async () => {
    const nodes = [trio.zhejiang, trio.national, trio.guangdong];
    expect(await onItsWay(nodes, { dead: true })).toEqual([]);
  });
}

/** What both sides of a link say to have exchanged until today. */
async function exchanged(node: TestNode, peer: TestNode) {
  const { buckets } = await node.dataCenter.reconcile({
    peerNode: peer.code,
    fromDate: civilDateIn(Date.now() - 86_400_000),
    toDate: civilDateIn(Date.now()),
  });
  return buckets.map(({ date, kind, count, digest }) => ({ date, kind, count, digest }));
}

async function expectAgreement(): Promise<void> {
  await quiet();
  const { national, zhejiang, guangdong } = trio;
  for (const province of [zhejiang, guangdong])
    expect(await exchanged(province, national), province.code).toEqual(
      await exchanged(national, province),
    );
}

const isMarked = async (node: TestNode, number: number): Promise<boolean | undefined> => {
  const rows = await node.sql<{ non_public: boolean }>(
    'select non_public from records where business_key = ?',
    [`LIC-${number}`],
  );
  return rows[0]?.non_public;
};

describe('a mark that is set at another node than the one where the record was reported', () => {
  it('F20 D10 set at the national node it reaches the province, which governs it from then on', async () => {
    const { national, zhejiang } = trio;
    await register(1);
    await zhejiang.exchange.submitRecord({ record: licence(zhejiang, 1) });
    await expectShown(1, 1);
    await national.exchange.setRecordPublicity({ change: changeAt(national, 1, true, 1) });
    await expectShown(1);
    await quiet();
    expect(await isMarked(zhejiang, 1)).toBe(true);
    // As after a withdrawal by the province itself, nothing of it is left at the national node (D7).
    expect(await searchNode(national, marker(1, 1))).toEqual([]);

    // A later version is held back; the mark is cleared where the record was reported, and only there.
    await zhejiang.exchange.submitRecord({ record: licence(zhejiang, 1, 2) });
    await expect(
      national.exchange.setRecordPublicity({ change: changeAt(national, 1, false, 2) }),
    ).rejects.toMatchObject({
      reason: 'NOT_IN_STATE',
      message: expect.stringContaining('330000') as string,
    });
    await quiet();
    await expectShown(1);
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 1, false, 1) });
    await expectShown(1, 2);
    await expectAgreement();

    await national.exchange.setRecordPublicity({ change: changeAt(national, 1, true, 3) });
    await expectShown(1);
    await expectAgreement();
  });

  it('F20 D7 of a record that is withdrawn there it finds nothing to mark, and nothing is lost by it', async () => {
    const { national, zhejiang } = trio;
    await register(60);
    await zhejiang.exchange.submitRecord({ record: licence(zhejiang, 60) });
    await expectShown(60, 1);
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 60, true, 1) });
    await expectShown(60);
    await quiet();
    const set = (count: number) =>
      national.exchange.setRecordPublicity({ change: changeAt(national, 60, true, count) });
    await expect(set(1)).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    await quiet();
    expect(await isMarked(zhejiang, 60)).toBe(true);
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 60, false, 2) });
    await expectShown(60, 1);
    await set(1);
    await expectShown(60);
    await expectAgreement();
  });

  it('F20 R55 set before the other node knows of a change that is on its way, it counts all the same', async () => {
    const { national, zhejiang } = trio;
    await register(2);
    await zhejiang.exchange.submitRecord({ record: licence(zhejiang, 2) });
    await expectShown(2, 1);
    await quiet();
    // The link is held up while the province's authority marks and clears.
    const hold =
      "update deliveries set next_attempt_at = now() + interval '1 hour' where state = 1";
    await zhejiang.sql(
      `create function hold() returns trigger language plpgsql as
         $$ begin new.next_attempt_at = now() + interval '1 hour'; return new; end $$`,
    );
    await zhejiang.sql(
      'create trigger hold before insert on deliveries for each row execute function hold()',
    );
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 2, true, 1) });
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 2, false, 2) });
    await zhejiang.sql('drop trigger hold on deliveries');
    await zhejiang.sql(hold);
    await national.exchange.setRecordPublicity({ change: changeAt(national, 2, true, 1) });
    await eventually(async () => {
      expect(await isMarked(zhejiang, 2)).toBe(true);
    });
    await zhejiang.sql('update deliveries set next_attempt_at = null where state = 1');
    await quiet();
    await expectShown(2);
  });

  it.each([
    ['the province of the enterprise', 3, () => trio.zhejiang],
    ['the national node', 4, () => trio.national],
  ])('F20 D10 a record of another province is hidden from %s', async (_, number, nodeOf) => {
    const { zhejiang, guangdong } = trio;
    const marking = nodeOf();
    await register(number);
    await guangdong.exchange.submitRecord({ record: licence(guangdong, number) });
    await expectShown(number, 1);
    await quiet();
    await marking.exchange.setRecordPublicity({ change: changeAt(marking, number, true, 1) });
    await expectShown(number);
    await eventually(async () => {
      expect(await isMarked(guangdong, number)).toBe(true);
    });
    await guangdong.exchange.submitRecord({ record: licence(guangdong, number, 2) });
    await quiet();
    await expectShown(number);
    await expect(
      marking.exchange.setRecordPublicity({ change: changeAt(marking, number, false, 2) }),
    ).rejects.toMatchObject({
      reason: 'NOT_IN_STATE',
      message: expect.stringContaining('440000') as string,
    });
    // What was reported since is not lost by the mark.
    await guangdong.exchange.setRecordPublicity({
      change: changeAt(guangdong, number, false, 1),
    });
    await expectShown(number, 2);
    expect(await isMarked(zhejiang, number)).toBe(false);
    await expectAgreement();
  });

  it('F20 of a national record, marked in its province, is cleared at the national node', async () => {
    const { national, zhejiang } = trio;
    await register(5);
    const record = licence(zhejiang, 5);
    record.envelope!.sourceNode = national.code;
    await national.exchange.submitRecord({ record });
    await expectShown(5, 1);
    await quiet();
    await zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 5, true, 1) });
    await expectShown(5);
    await quiet();
    await expect(
      zhejiang.exchange.setRecordPublicity({ change: changeAt(zhejiang, 5, false, 2) }),
    ).rejects.toMatchObject({ reason: 'NOT_IN_STATE' });
    await national.exchange.setRecordPublicity({ change: changeAt(national, 5, false, 3) });
    await expectShown(5, 1);
    await expectAgreement();
  });
});

describe('marks set at both nodes, in any order', () => {
  type Step = 'version' | 'mark' | 'clear' | 'mark above' | 'wait';
  const steps: readonly Step[] = ['version', 'mark', 'clear', 'mark above', 'mark above', 'wait'];
  let number = 100;

  /** Carries out the steps on a fresh licence; whether it must be hidden, as far as that is certain. */
  async function carryOut(history: readonly Step[]) {
    const { national, zhejiang } = trio;
    number += 1;
    const own = number;
    await register(own);
    let [version, count] = [1, 0];
    let hidden: boolean | undefined = false;
    let onItsWay = false;
    const submit = () =>
      zhejiang.exchange.submitRecord({ record: licence(zhejiang, own, version) });
    await submit();
    for (const step of history) {
      if (step === 'wait') {
        await quiet();
        onItsWay = false;
      } else if (step === 'version') {
        version += 1;
        await submit();
      } else if (step === 'mark above') {
        count += 1;
        const change = changeAt(national, own, true, count);
        const taken = await national.exchange.setRecordPublicity({ change }).then(
          () => true,
          (error: unknown) => {
            // Nothing of it is there, and the authority is told so.
            expect(error).toMatchObject({ reason: 'NOT_FOUND' });
            return false;
          },
        );
        hidden = taken || hidden;
        onItsWay ||= taken;
      } else {
        count += 1;
        const nonPublic = step === 'mark';
        await zhejiang.exchange.setRecordPublicity({
          change: changeAt(zhejiang, own, nonPublic, count),
        });
        // A mark of above that may have come before it or come after it: either is right.
        hidden = !nonPublic && onItsWay ? undefined : nonPublic;
      }
    }
    await quiet();
    return { own, version, count, hidden };
  }

  it('F20 R55 both nodes end alike, and a mark that was taken is never lost', async () => {
    const { national, zhejiang } = trio;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 6 }),
        async (history) => {
          const { own, version, count, hidden } = await carryOut(history);
          const marked = await isMarked(zhejiang, own);
          if (hidden !== undefined) expect(marked).toBe(hidden);
          await expectShown(own, ...(marked === true ? [] : [version]));
          if (marked === true)
            for (let one = 1; one <= version; one += 1)
              expect(await searchNode(national, marker(own, one))).toEqual([]);
          await zhejiang.exchange.setRecordPublicity({
            change: changeAt(zhejiang, own, false, count + 1),
          });
          await expectShown(own, version);
          await expectAgreement();
        },
      ),
      { numRuns: 8 },
    );
  });
});
