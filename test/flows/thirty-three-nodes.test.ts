import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HUB_NODES, NATIONAL_NODE } from '../../server/reference/nodes.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { provinceOf } from '../../server/reference/region-codes.js';
import {
  OUTSIDE_ZONES,
  testCounterpart,
  testUscc,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { foreignDatabase, type ForeignDatabase } from '../support/foreign-database.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const SAMR = '11100000MB0143028R';
const provinces = HUB_NODES.filter((node) => node.level === 'PROVINCIAL').map((node) => node.code);
const { regions } = loadReference();

/** A county of a province, by the longest prefix (D11). */
function countyOf(province: string): string {
  const county = [...regions.values()].find(
    (region) => region.level === 'COUNTY' && provinceOf(region.code) === province,
  );
  if (!county) throw new Error(`no county in ${province}`);
  return county.code;
}

/** The establishment of the enterprise of a number in a province. */
function establishment(number: number, province: string, regOrg = countyOf(province)) {
  return validRegistration(
    {
      catalogVersion: '2019.12-prov',
      regOrg,
      regOrgName: '登记机关',
      dom: '住所',
      domDistrict: countyOf(province),
      ...OUTSIDE_ZONES,
    },
    { number, envelope: { sourceNode: province } },
  );
}

/** A licence of the national level for that enterprise, which says nothing of its province. */
function nationalLicence(number: number) {
  return validLicence(
    {
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      counterpart: testCounterpart(number, { regOrg: '' }),
    },
    { number, envelope: { sourceNode: NATIONAL_NODE, sourceOrg: SAMR } },
  );
}

describe('31 provinces, 新疆生产建设兵团 and the national node', () => {
  let national: TestNode;
  const nodes = new Map<string, TestNode>();
  // As in life. In one database every notice of a queue would wake the workers of all 33.
  const databases = new Map<string, ForeignDatabase>();

  beforeAll(async () => {
    const ports = new Map<string, number>();
    for (const code of [NATIONAL_NODE, ...provinces]) {
      ports.set(code, await freePort());
      databases.set(code, await foreignDatabase());
    }
    const url = (code: string): string => `http://127.0.0.1:${ports.get(code) ?? 0}`;
    // Light processes: nothing moves by polling here, wake-ups do all the work.
    const light = { HUB_DATABASE_POOL: '4', HUB_SWEEP_MS: '5000', HUB_CATALOG_POLL_MS: '600000' };
    const own = (code: string) => ({ HUB_DATABASE_URL: databases.get(code)!.url });
    national = await startTestNode({
      ...light,
      ...own(NATIONAL_NODE),
      HUB_LEVEL: 'national',
      HUB_PORT: String(ports.get(NATIONAL_NODE)),
      HUB_NODES: provinces.map((code) => `${code}=${url(code)}`).join(','),
    });
    const waiting = [...provinces];
    const start = async (): Promise<void> => {
      for (let code = waiting.shift(); code; code = waiting.shift())
        nodes.set(
          code,
          await startTestNode({
            ...light,
            ...own(code),
            HUB_REGION: code,
            HUB_PORT: String(ports.get(code)),
            HUB_UPSTREAM_URL: url(NATIONAL_NODE),
          }),
        );
    };
    await Promise.all([start(), start(), start()]);
  });
  afterAll(async () => {
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    await national.stop();
    for (const database of databases.values()) await database.drop();
  });

  it('R2 R34 gathers the registrations of all 32 provinces', async () => {
    expect(provinces).toHaveLength(32);
    await Promise.all(
      provinces.map((code, index) =>
        nodes.get(code)!.registration.submitRegistration({
          registration: establishment(index + 1, code),
        }),
      ),
    );
    await eventually(async () => {
      const homes = await national.sql<{ home_node: string }>(
        'select home_node from enterprises order by home_node',
      );
      expect(homes.map((row) => row.home_node)).toEqual([...provinces].sort());
    });
  });

  it('R37 R53 sends each record to the one province that keeps the enterprise, and to no other', async () => {
    const { results } = await national.exchange.batchSubmitRecords({
      records: provinces.map((_, index) => nationalLicence(index + 1)),
    });
    expect(results.every((result) => result.outcome.case === 'receipt')).toBe(true);
    await eventually(async () => {
      const [row] = await national.sql<{ n: number }>(
        'select count(*) as n from records where naming = 2 and published_at is not null',
      );
      expect(Number(row?.n)).toBe(32);
    });
    for (const [index, code] of provinces.entries()) {
      const node = nodes.get(code)!;
      expect(await node.sql('select uscc from enterprises')).toEqual([
        { uscc: testUscc(index + 1) },
      ]);
      expect(await node.sql('select uscc, named_by from records')).toEqual([
        { uscc: testUscc(index + 1), named_by: code },
      ]);
    }
  });

  it('D4 D11 places what the national authority registered by its domicile, and 兵团 apart from 新疆', async () => {
    const hubei = nodes.get('420000')!;
    await hubei.registration.submitRegistration({
      registration: establishment(40, '420000', NATIONAL_NODE),
    });
    const corps = await national.registration.getEnterprise({
      uscc: testUscc(provinces.indexOf('660000') + 1),
    });
    expect(corps.enterprise?.homeNode).toBe('660000');
    expect(corps.enterprise?.registration?.domDistrict.slice(0, 2)).toBe('65');
    await eventually(async () => {
      const held = await national.registration.getEnterprise({ uscc: testUscc(40) });
      expect(held.enterprise?.homeNode).toBe('420000');
    });
  });
});
