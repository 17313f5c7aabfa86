import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderCatalogue } from '../../reference/build/catalogue.js';
import { parseCatalogueTables, readCatalogueFiles } from './catalogue-files.js';
import type { CatalogueTables } from './catalogue-rows.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { HUB_NODES } from '../../server/reference/nodes.js';
import { WHOLE_COUNTRY } from '../../server/reference/region-codes.js';

const ROOT = new URL('../../reference/', import.meta.url);
const central = readCatalogueFiles(new URL('catalogue/', ROOT));
const zhejiang = readCatalogueFiles(new URL('catalogue-330000/', ROOT));
const reference = loadReference();
const layers: [string, CatalogueTables][] = [
  ['central', central],
  ['zhejiang', zhejiang],
];

function duplicates(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

describe('the committed catalogue', () => {
  it.each([...renderCatalogue()])('%s is what the build makes of the raw tables', (path, text) => {
    expect(readFileSync(new URL(path, ROOT), 'utf8')).toBe(text);
  });

  it('names its layers and says that it is provisional', () => {
    expect(central.release).toMatchObject({ layer: 'CENTRAL', effectiveFrom: '2019-12-01' });
    expect(zhejiang.release.layer).toBe('PROVINCE:330000');
    for (const { release } of [central, zhejiang]) {
      expect(release.provisional).toBe(true);
      expect(release.version.length).toBeLessThanOrEqual(16);
    }
  });
});

describe.each(layers)('the %s layer', (_, tables) => {
  it('uses every code and every expression once, within the length of its field', () => {
    const entries = tables.scopeEntries;
    const items = tables.permitItems;
    expect(duplicates(entries.map((entry) => entry.scopeEntryCode))).toEqual([]);
    expect(duplicates(entries.map((entry) => entry.name))).toEqual([]);
    expect(duplicates(items.map((item) => item.permitItemCode))).toEqual([]);
    expect(entries.filter((entry) => !/^[A-Z0-9]{1,10}$/.test(entry.scopeEntryCode))).toEqual([]);
    expect(entries.filter((entry) => entry.name.length > 200)).toEqual([]);
    expect(items.filter((item) => item.permitItemCode.length > 32)).toEqual([]);
    expect(items.filter((item) => item.name.length > 200)).toEqual([]);
    const departments = [
      ...items.map((item) => item.competentDeptCode),
      ...tables.authorities.map((row) => row.orgCode),
    ];
    expect(departments.filter((code) => code === '' || code.length > 18)).toEqual([]);
  });

  it('is marked provisional in every row and says where every row comes from', () => {
    const rows = [...tables.scopeEntries, ...tables.permitItems];
    expect(rows.filter((row) => !row.provisional || row.provenance === '')).toEqual([]);
    expect(tables.mapping.filter((row) => row.provenance === '')).toEqual([]);
  });

  it('maps every permit item to a scope entry, abolished ones too (R6, R9)', () => {
    const mapped = new Set(tables.mapping.map((row) => row.permitItemCode));
    expect(tables.permitItems.filter((item) => !mapped.has(item.permitItemCode))).toEqual([]);
  });

  it('has no mapping row that leads nowhere or stands twice', () => {
    const items = new Set(tables.permitItems.map((item) => item.permitItemCode));
    const entries = new Set(
      [...central.scopeEntries, ...tables.scopeEntries].map((entry) => entry.scopeEntryCode),
    );
    const lost = tables.mapping.filter(
      (row) => !items.has(row.permitItemCode) || !entries.has(row.scopeEntryCode),
    );
    expect(lost).toEqual([]);
    const pairs = tables.mapping.map((row) => `${row.permitItemCode} ${row.scopeEntryCode}`);
    expect(duplicates(pairs)).toEqual([]);
  });

  it('names authorities for every item, for known items and regions only, each once', () => {
    const items = new Set(tables.permitItems.map((item) => item.permitItemCode));
    const lost = tables.authorities.filter(
      (row) =>
        !items.has(row.permitItemCode) ||
        (row.regionCode !== WHOLE_COUNTRY && !reference.regions.has(row.regionCode)),
    );
    expect(lost).toEqual([]);
    const served = new Set(tables.authorities.map((row) => row.permitItemCode));
    expect([...items].filter((item) => !served.has(item))).toEqual([]);
    const keys = tables.authorities.map(
      (row) => `${row.permitItemCode} ${row.regionCode} ${row.orgCode}`,
    );
    expect(duplicates(keys)).toEqual([]);
  });

  it('gives one organisation code one name', () => {
    const names = new Map(tables.authorities.map((row) => [row.orgCode, row.orgName]));
    const renamed = tables.authorities.filter((row) => names.get(row.orgCode) !== row.orgName);
    expect(renamed).toEqual([]);
  });
});

describe('the scope entries', () => {
  it('are at least 600 and hold one expression each', () => {
    expect(central.scopeEntries.length).toBeGreaterThanOrEqual(600);
    const joined = central.scopeEntries.filter((entry) =>
      /[，,；;。]/.test(entry.name.replaceAll(/（[^（）]*）/g, '')),
    );
    expect(joined).toEqual([]);
    expect(central.scopeEntries.filter((entry) => /凭有效|详见许可证/.test(entry.name))).toEqual(
      [],
    );
  });

  it('link only to industries and to wider entries that exist', () => {
    const codes = new Set(central.scopeEntries.map((entry) => entry.scopeEntryCode));
    const lost = central.scopeEntries.filter(
      (entry) =>
        entry.industryCodes.some((code) => !reference.industries.has(code)) ||
        (entry.parentCode !== '' && !codes.has(entry.parentCode)) ||
        entry.parentCode === entry.scopeEntryCode,
    );
    expect(lost).toEqual([]);
  });

  it('keep the two codes that were seen in public', () => {
    const names = new Map(central.scopeEntries.map((entry) => [entry.scopeEntryCode, entry.name]));
    expect(names.get('I3006')).toBe('软件开发');
    expect(names.get('I3010')).toBe('信息技术咨询服务');
  });

  it('say so when they need a permit that no item stands for', () => {
    const mapped = new Set(central.mapping.map((row) => row.scopeEntryCode));
    const silent = central.scopeEntries.filter(
      (entry) =>
        entry.category === 'PERMIT' && !mapped.has(entry.scopeEntryCode) && !entry.description,
    );
    expect(silent).toEqual([]);
  });
});

describe('the permit items', () => {
  it('show all four reform modes as some text states them', () => {
    const stated = central.permitItems.filter((item) => item.reformModeBasis === 'STATED');
    expect([...new Set(stated.map((item) => item.reformMode))].sort()).toEqual([1, 2, 3, 4]);
  });

  it('are treated as 优化审批服务 where no text states a mode', () => {
    const assumed = central.permitItems.filter((item) => item.reformModeBasis === 'ASSUMED');
    expect(assumed.filter((item) => item.reformMode !== 4)).toEqual([]);
  });

  it('are decided by the administration itself, by other central departments and below', () => {
    const systems = countBy(central.permitItems.map((item) => item.defaultAuthoritySystem));
    expect(systems.get('SAMR_HQ')).toBe(4);
    expect(systems.get('OTHER_CENTRAL')).toBeGreaterThan(10);
    expect(systems.get('PROVINCIAL_OR_BELOW')).toBeGreaterThan(10);
    expect(countBy(central.permitItems.map((i) => i.competentDeptCode)).size).toBeGreaterThan(10);
  });

  it('are set centrally in the central layer and by the province in its own (D1, R25)', () => {
    for (const item of central.permitItems) {
      expect(item).toMatchObject({ setLevel: 'CENTRAL', ownerNode: '100000' });
    }
    for (const item of zhejiang.permitItems) {
      expect(item).toMatchObject({ setLevel: 'LOCAL', ownerNode: '330000' });
    }
    const codes = new Set(central.permitItems.map((item) => item.permitItemCode));
    expect(zhejiang.permitItems.filter((item) => codes.has(item.permitItemCode))).toEqual([]);
  });

  it('are mapped many to many', () => {
    const perItem = countBy(central.mapping.map((row) => row.permitItemCode));
    const perEntry = countBy(central.mapping.map((row) => row.scopeEntryCode));
    expect(Math.max(...perItem.values())).toBeGreaterThan(1);
    expect(Math.max(...perEntry.values())).toBeGreaterThan(1);
  });

  it.each([
    ['餐饮服务', '食品经营许可(除仅销售预包装食品外)'],
    ['食品销售', '食品经营许可(除仅销售预包装食品外)'],
    ['食品销售（仅销售预包装食品）', '食品经营许可(仅销售预包装食品)'],
    ['公章刻制', '公章刻制业特种行业许可证核发'],
    ['危险化学品经营', '危险化学品经营许可'],
    ['住宿服务', '旅馆业特种行业许可证核发'],
    ['电影发行', '电影发行单位设立审批'],
    ['游艺娱乐活动', '游艺娱乐场所设立审批'],
    ['广告发布（广播电台、电视台、报刊出版单位）', '广告发布登记'],
    ['房地产开发经营', '房地产开发企业资质核定'],
    ['特种设备安装改造修理', '特种设备生产单位许可'],
    ['检验检测服务', '检验检测机构资质认定'],
  ])('%s needs %s', (entryName, itemName) => {
    const entry = central.scopeEntries.find(({ name }) => name === entryName);
    const item = central.permitItems.find(({ name }) => name === itemName);
    expect(central.mapping).toContainEqual(
      expect.objectContaining({
        permitItemCode: item?.permitItemCode ?? 'no such item',
        scopeEntryCode: entry?.scopeEntryCode ?? 'no such entry',
      }),
    );
  });
});

describe('the authorities', () => {
  const system = new Map(
    central.permitItems.map((item) => [item.permitItemCode, item.defaultAuthoritySystem]),
  );

  it('are the central department, for the whole country, where it decides', () => {
    for (const item of central.permitItems) {
      if (item.defaultAuthoritySystem === 'PROVINCIAL_OR_BELOW') continue;
      const rows = central.authorities.filter((row) => row.permitItemCode === item.permitItemCode);
      expect(rows).toEqual([
        expect.objectContaining({
          regionCode: WHOLE_COUNTRY,
          orgCode: item.competentDeptCode,
          orgName: item.competentDeptName,
          level: 'NATIONAL',
        }),
      ]);
    }
  });

  it('are there in all 32 provinces where provinces or those below decide', () => {
    const provinces = HUB_NODES.filter((node) => node.level === 'PROVINCIAL').map((n) => n.code);
    for (const [code] of [...system].filter(([, value]) => value === 'PROVINCIAL_OR_BELOW')) {
      const regions = new Set(
        central.authorities.filter((row) => row.permitItemCode === code).map((r) => r.regionCode),
      );
      expect(provinces.filter((province) => !regions.has(province))).toEqual([]);
    }
  });

  it('carry real codes in 浙江 where the code table has the department, else provisional ones', () => {
    const table = readFileSync(new URL('dept-codes-zhejiang.csv', ROOT), 'utf8');
    const codes = [
      ...new Set(
        central.authorities.filter((r) => r.regionCode === '330000').map((r) => r.orgCode),
      ),
    ];
    const real = codes.filter((code) => !code.startsWith('TMP-'));
    expect(real.length).toBeGreaterThan(10);
    expect(real.filter((code) => !table.includes(`${code},`))).toEqual([]);
    const elsewhere = central.authorities.filter(
      (row) => !['330000', WHOLE_COUNTRY].includes(row.regionCode),
    );
    expect(elsewhere.filter((row) => !row.orgCode.startsWith(`TMP-${row.regionCode}-`))).toEqual(
      [],
    );
  });

  it('decide on nothing that was abolished (R9)', () => {
    const abolished = new Set(
      central.permitItems.filter((item) => item.reformMode === 1).map((i) => i.permitItemCode),
    );
    const wrong = central.authorities.filter(
      (row) => row.decides === abolished.has(row.permitItemCode),
    );
    expect(wrong).toEqual([]);
  });

  it('may be several for one item in one region (R22)', () => {
    const zhejiangRows = central.authorities.filter(
      (row) => row.permitItemCode === 'PX-0017' && row.regionCode === '330000',
    );
    expect(zhejiangRows.map((row) => row.orgName)).toEqual([
      '浙江省应急管理厅',
      '浙江省交通运输厅（港口行政管理部门）',
    ]);
  });
});

describe('a release with a value outside its list', () => {
  const text = (file: string): string =>
    readFileSync(new URL(`catalogue-330000/${file}`, ROOT), 'utf8');

  it.each([
    ['permit-items.csv', ',LOCAL,', ',NATIONAL,', 'CENTRAL | LOCAL'],
    ['permit-items.csv', ',4,ASSUMED,', ',5,ASSUMED,', '1 | 2 | 3 | 4'],
    ['scope-entries.csv', ',PERMIT,', ',OTHER,', 'GENERAL | PERMIT'],
    ['authorities.csv', ',true', ',yes', 'true | false'],
    ['release.csv', 'PROVINCE:330000', 'PROVINCE', 'CENTRAL | PROVINCE:<code>'],
    ['release.csv', 'version,2019.12-prov-33', 'version,', 'version is missing'],
  ])('is refused: %s with %j as %j', (changed, from, to, message) => {
    const parse = (): CatalogueTables =>
      parseCatalogueTables((file) =>
        file === changed ? text(file).replace(from, to) : text(file),
      );
    expect(parse).toThrow(message);
  });
});
