import { HUB_NODES, NATIONAL_NODE, nodeOfRegOrg } from './nodes.js';

/** The region code of rows that hold for the whole country. */
export const WHOLE_COUNTRY = '000000';

/**
 * The province-level code (one of the 32 nodes) that a GB/T 2260 code of 6 or more digits lies in.
 * The cities of 新疆生产建设兵团 (6590..) answer 660000, as their registrations do (D11). A code whose
 * province exists but whose district is unknown still answers its province, because districts are
 * renamed and renumbered every year. `undefined` for 100000, for Hong Kong, Macao and Taiwan, and
 * for anything else that is in no node.
 */
export function provinceOf(regionCode: string): string | undefined {
  if (!/^\d{6,}$/.test(regionCode)) return undefined;
  const node = nodeOfRegOrg(regionCode);
  return node && node.code !== NATIONAL_NODE ? node.code : undefined;
}

/**
 * The region itself and what it lies in, most specific first: district, city, province, 000000.
 * A row for one of them counts for the district unless an earlier one has rows of its own.
 * Codes longer than 6 digits are cut; an unknown province leaves only the code itself and 000000.
 */
export function regionLineage(regionCode: string): readonly string[] {
  const district = regionCode.slice(0, 6);
  const province = provinceOf(district);
  const within = province ? [`${district.slice(0, 4)}00`, province] : [];
  return [...new Set([district, ...within, WHOLE_COUNTRY])];
}

/**
 * The lineage of regions as a node looks authorities up. The 兵团 has departments of its own for enterprises that
 * its offices register, though their domicile lies in a district of 新疆: its own rows come first (D11).
 */
export function lineageFor(node: string): (regionCode: string) => readonly string[] {
  const host = HUB_NODES.find(({ code }) => code === node)?.within;
  if (host === undefined) return regionLineage;
  return (regionCode) => {
    const lineage = regionLineage(regionCode);
    return lineage.includes(host) ? [node, ...lineage] : lineage;
  };
}
