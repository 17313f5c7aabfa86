import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorityLevel, CatalogReleaseSchema } from '#gen/zhengzhao/v1/catalog_pb.js';
import { foodPermitItem, testUscc, validRegistration } from '../support/builders.js';
import { eventually, startTrio, type Trio } from '../support/nodes.js';

const GUANGDONG_OFFICE = {
  receivingDeptCode: 'TMP-440000-77',
  receivingDeptName: '跨省流域管理机构(测试)',
};

describe('an authority that another province serves', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
  });
  afterAll(() => trio.stop());

  it('R4 R23 F2 a release published at the national node travels to the provinces', async () => {
    const { national, zhejiang, guangdong } = trio;
    const { release } = await national.catalog.getCatalogVersion({ includeRelease: true });
    const next = fromBinary(CatalogReleaseSchema, release);
    next.version = '2019.12-prov-b';
    const food = next.items.find((item) => item.permitItemCode === 'PX-0035');
    food?.licensingAuthorities.push({
      $typeName: 'zhengzhao.v1.LicensingAuthority',
      regionCode: '330000',
      orgCode: GUANGDONG_OFFICE.receivingDeptCode,
      orgName: GUANGDONG_OFFICE.receivingDeptName,
      level: AuthorityLevel.PROVINCE,
      decides: false,
      orgNode: '440000',
    });
    const bytes = toBinary(CatalogReleaseSchema, next);
    const published = await national.catalog.publishCatalog({
      source: { case: 'release', value: fromBinary(CatalogReleaseSchema, bytes) },
    });
    expect(published.published).toBe(true);
    for (const province of [zhejiang, guangdong])
      await eventually(async () => {
        const held = await province.catalog.getCatalogVersion({ version: '2019.12-prov-b' });
        expect(held.catalogVersion?.digest).toBe(published.catalogVersion?.digest);
      });
  });

  it('R53 R52 D2 a registration goes to the province of the authority, by way of the national node', async () => {
    const { zhejiang, guangdong } = trio;
    const registration = validRegistration({
      catalogVersion: '2019.12-prov-b',
      permitItems: [foodPermitItem(), foodPermitItem(GUANGDONG_OFFICE)],
    });
    const { destinations } = await zhejiang.registration.checkRegistration({ registration });
    expect(destinations.map((one) => one.code)).not.toContain(GUANGDONG_OFFICE.receivingDeptCode);
    await zhejiang.registration.submitRegistration({ registration });
    const { packages } = await eventually(async () => {
      const listed = await guangdong.dataCenter.listPackages({
        receivingDeptCode: GUANGDONG_OFFICE.receivingDeptCode,
      });
      expect(listed.packages).toHaveLength(1);
      return listed;
    });
    expect(packages[0]?.sourceNode).toBe('440000');
    const own = await zhejiang.dataCenter.listPackages({ receivingDeptCode: '330000000M660' });
    expect(own.packages).toHaveLength(1);
    expect(await zhejiang.sql("select 1 from deliveries where destination = '440000'")).toEqual([]);
  });

  it('R41 D6 the receiving province neither publishes the enterprise nor sends it up again', async () => {
    const { guangdong } = trio;
    await expect(guangdong.dataCenter.getDisclosure({ uscc: testUscc(1) })).rejects.toMatchObject({
      reason: 'NOT_FOUND',
    });
    expect(await guangdong.sql("select 1 from deliveries where destination = '100000'")).toEqual(
      [],
    );
  });
});
