import { describe, expect, it } from 'vitest';
import { loadReference } from '../../server/reference/load-reference.js';
import { HUB_NODES, NATIONAL_NODE, nodeOfRegOrg } from '../../server/reference/nodes.js';
import { lineageFor, provinceOf, regionLineage } from '../../server/reference/region-codes.js';

describe('the nodes of the exchange', () => {
  it('are the national one and 32 provincial ones', () => {
    const provincial = HUB_NODES.filter((node) => node.level === 'PROVINCIAL');
    expect(provincial).toHaveLength(32);
    expect(HUB_NODES.filter((node) => node.level === 'NATIONAL')).toHaveLength(1);
    expect(new Set(HUB_NODES.map((node) => node.code)).size).toBe(33);
  });

  it('are called what GB/T 2260 calls their province', () => {
    const { regions } = loadReference();
    const misnamed = HUB_NODES.filter(
      (node) => node.code !== NATIONAL_NODE && regions.get(node.code)?.name !== node.nameZh,
    );
    expect(misnamed).toEqual([]);
  });

  it('share no prefix', () => {
    const prefixes = HUB_NODES.flatMap((node) => node.prefixes);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });
});

describe('the node of a registration authority', () => {
  it.each([
    ['330000', '330000'],
    ['330902', '330000'],
    ['330902001', '330000'],
    ['650102', '650000'],
    ['650000', '650000'],
    ['660000', '660000'],
    ['660800', '660000'],
    ['659001', '660000'],
    ['659010', '660000'],
    ['652300', '650000'],
    ['100000', '100000'],
  ])('of REGORG %s is %s', (regOrg, node) => {
    expect(nodeOfRegOrg(regOrg)?.code).toBe(node);
  });

  it.each(['', '1', '100001', '710000', '810000', '990000', 'AB0000'])(
    'of REGORG %j is none',
    (regOrg) => {
      expect(nodeOfRegOrg(regOrg)).toBeUndefined();
    },
  );
});

describe('the province of a region', () => {
  it('is found for every region of GB/T 2260 but Hong Kong, Macao and Taiwan', () => {
    const { regions } = loadReference();
    const without = [...regions.keys()].filter((code) => provinceOf(code) === undefined);
    expect([...new Set(without.map((code) => code.slice(0, 2)))]).toEqual(['71', '81', '82']);
  });

  it('is 兵团 for its cities and 新疆 for the others', () => {
    expect(provinceOf('659001')).toBe('660000');
    expect(provinceOf('650102')).toBe('650000');
  });

  it('is known for a district that the table does not hold, and unknown for what is no region', () => {
    expect(provinceOf('339999')).toBe('330000');
    expect(provinceOf('100000')).toBeUndefined();
    expect(provinceOf('33')).toBeUndefined();
    expect(provinceOf('33090X')).toBeUndefined();
  });
});

describe('the lineage of a region', () => {
  it.each([
    ['330902', ['330902', '330900', '330000', '000000']],
    ['330902001', ['330902', '330900', '330000', '000000']],
    ['330900', ['330900', '330000', '000000']],
    ['330000', ['330000', '000000']],
    ['659001', ['659001', '659000', '660000', '000000']],
    ['000000', ['000000']],
  ])('of %s runs from the most specific to the whole country', (code, lineage) => {
    expect(regionLineage(code)).toEqual(lineage);
  });

  it('D11 begins at the 兵团 for its enterprises in districts of 新疆, and nowhere else', () => {
    expect(lineageFor('660000')('650102').slice(0, 2)).toEqual(['660000', '650102']);
    expect(lineageFor('660000')('330902')).toEqual(regionLineage('330902'));
    expect(lineageFor('650000')('650102')).toEqual(regionLineage('650102'));
  });
});
