import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  testName,
  testUscc,
  validChange,
  validInspection,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';

/** The registration with which the enterprise of a number moves to 广州. */
function moveToGuangzhou(number: number) {
  return validRegistration(
    {
      catalogVersion: '2019.12-prov',
      apprDate: '2019-12-19',
      regOrg: '440103',
      regOrgName: '广州市荔湾区市场监督管理局',
      dom: '广州市荔湾区中山七路1号',
      domDistrict: '440103',
      ftzFlag: false,
      ftzName: '',
      ftzAreaName: '',
      ftzCode: '',
      ftzAreaCode: '',
      permitItems: [],
      scopeEntryCodes: ['PA0001'],
      licenseSeparationFlag: false,
      opScope: '一般项目：会议及展览服务',
    },
    {
      number,
      envelope: {
        messageId: '0000000c-0000-4000-8000-000000000001',
        sourceNode: '440000',
        businessKey: 'GD-1',
      },
    },
  );
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
    await eventually(async () => {
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
    });
  });
  afterAll(() => trio.stop());

  it('R53 its records follow to the new province by way of the national node, and are attributed there', async () => {
    const { guangdong, national } = trio;
    const { receipt } = await guangdong.registration.submitRegistration({
      registration: moveToGuangzhou(1),
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
