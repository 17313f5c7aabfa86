import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { testUscc, validCancellation, validChange } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { tickedRegistration } from '../support/ticked.js';

const MARKET = '330000000M660';
const HEALTH = '330000000M540';
/** 仅销售预包装食品: the approval became a filing with 市场监督管理局. */
const PACKED_FOOD = 'PA0094';
/** 住宿服务: the approval became a filing with 卫生健康委员会. */
const LODGING = 'PA0069';

let zhejiang: TestNode;
beforeAll(async () => {
  zhejiang = await startTestNode({});
});
afterAll(() => zhejiang.stop());

function establishment(number: number, codes: readonly string[]): Promise<RegistrationEvent> {
  return tickedRegistration(zhejiang.catalog, { codes }, {}, { number });
}

/** A change or cancellation of an enterprise that ticks these entries. */
async function following(
  event: RegistrationEvent,
  codes: readonly string[],
  number: number,
): Promise<RegistrationEvent> {
  const { scopeEntryCodes, opScope, catalogVersion, licenseSeparationFlag, permitItems } =
    await establishment(number, codes);
  return {
    ...event,
    ...{ scopeEntryCodes, opScope, catalogVersion, licenseSeparationFlag, permitItems },
  };
}

/** What a department was sent of an enterprise, oldest first. */
async function contentsFor(receivingDeptCode: string, number: number) {
  const { packages } = await zhejiang.dataCenter.listPackages({ receivingDeptCode });
  const own = packages.filter((one) => one.uscc === testUscc(number));
  return Promise.all(
    own.map(async ({ packageId }) => {
      const got = await zhejiang.dataCenter.getPackage({ packageId, receivingDeptCode });
      return got.package!.package!;
    }),
  );
}

async function submit(registration: RegistrationEvent): Promise<void> {
  await zhejiang.registration.submitRegistration({ registration });
}

describe('what a package says after the establishment', () => {
  it('R11 R30 a change brings the filing of a new item, and none again of one that was filed', async () => {
    await submit(await establishment(1, [PACKED_FOOD]));
    const change = await following(validChange({}, { number: 1 }), [PACKED_FOOD, LODGING], 1);
    await submit(change);
    const [first, second] = await contentsFor(MARKET, 1);
    expect(first?.filings).toMatchObject([
      {
        filingId: `${testUscc(1)}-20191216-PX-0041`,
        filingDate: '2019-12-16',
        registrationEventId: first?.registrations[0]?.envelope?.messageId,
      },
    ]);
    expect(second?.items.map((item) => item.permitItem?.permitItemCode)).toEqual(['PX-0041']);
    expect(second?.filings).toEqual([]);
    const [health] = await contentsFor(HEALTH, 1);
    expect(health?.filings).toMatchObject([
      { permitItemCode: 'PX-0064', filingDate: change.apprDate },
    ]);
  });

  it('R11 a corrected registration corrects the filing under the same number', async () => {
    const established = await establishment(2, [PACKED_FOOD]);
    await submit(established);
    const envelope = {
      ...established.envelope!,
      messageId: '00000009-0000-4000-8000-000000000002',
      recordVersion: 2n,
    };
    await submit({ ...established, entName: `${established.entName}一店`, envelope });
    const [first, second] = await contentsFor(MARKET, 2);
    expect(second?.filings[0]?.filingId).toBe(first?.filings[0]?.filingId);
  });

  it('R11 R30 a cancellation asks for a look at licence or filing, and files nothing', async () => {
    await submit(await establishment(3, [PACKED_FOOD, 'PA0015']));
    await submit(await following(validCancellation({}, { number: 3 }), [PACKED_FOOD, 'PA0015'], 3));
    const [, last] = await contentsFor(MARKET, 3);
    expect(last?.filings).toEqual([]);
    expect(last?.items).toHaveLength(2);
    for (const item of last?.items ?? []) {
      expect(item.nextStepZh).toContain('已注销');
      expect(item.nextStepEn).toContain('cancelled');
    }
  });

  it('R30 so does a cancellation that no longer names the item, and a revoked business licence', async () => {
    await submit(await establishment(4, ['PA0015']));
    await submit(await following(validCancellation({}, { number: 4 }), ['PA0001'], 4));
    const [, last] = await contentsFor(MARKET, 4);
    expect(last?.items[0]).toMatchObject({ removed: true });
    expect(last?.items[0]?.nextStepZh).toContain('已注销');

    await submit(await establishment(5, ['PA0015']));
    const change = await following(validChange({ regState: '2' }, { number: 5 }), ['PA0015'], 5);
    await submit(change);
    const [, revoked] = await contentsFor(MARKET, 5);
    expect(revoked?.items[0]?.nextStepZh).toContain('吊销');
  });
});
