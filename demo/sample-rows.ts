import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Reference, Region } from '../server/reference/load-reference.js';
import { GUANGDONG, ZHEJIANG, type Province } from './nodes.js';

/** A row of `reference/samples/sample-enterprises.csv`: real name, code, address and scope. */
export interface SampleRow {
  readonly uscc: string;
  readonly name: string;
  readonly type: string;
  readonly status: string;
  readonly registration_authority: string;
  readonly established: string;
  readonly reg_capital: string;
  readonly currency: string;
  readonly industry: string;
  readonly address: string;
  readonly business_scope: string;
}

/** A row with the place that its authority or address names. */
export interface PlacedRow {
  readonly row: SampleRow;
  readonly province: Province;
  /** District of the domicile; the city where the address names no district. */
  readonly region: Region;
}

const FILE = new URL('../reference/samples/sample-enterprises.csv', import.meta.url);
const PROVINCES: readonly { readonly code: Province; readonly name: string }[] = [
  { code: ZHEJIANG, name: '浙江' },
  { code: GUANGDONG, name: '广东' },
];

/** All rows of the sample. */
export function readSampleRows(): SampleRow[] {
  return parse<SampleRow>(readFileSync(FILE), { columns: true, bom: true });
}

/** Where a row belongs; undefined when it is in neither province or its address does not tell. */
export function placeRow(row: SampleRow, regions: Reference['regions']): PlacedRow | undefined {
  const text = row.registration_authority + row.address;
  for (const { code, name } of PROVINCES) {
    const region = regionIn(text, code, regions);
    if (region) return { row, province: code, region };
    if (text.includes(name)) return undefined;
  }
  return undefined;
}

/** The district that a text names after its city; the city alone when it names no district. */
function regionIn(
  text: string,
  province: Province,
  regions: Reference['regions'],
): Region | undefined {
  const inside = [...regions.values()].filter(({ code }) => code.startsWith(province.slice(0, 2)));
  const city = inside.find(({ level, name }) => level === 'CITY' && text.includes(name));
  if (!city) return undefined;
  const districts = inside.filter(
    ({ level, parent }) => level === 'COUNTY' && parent === city.code,
  );
  const named = districts
    .map((region) => ({ region, at: text.indexOf(region.name) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return named[0]?.region ?? city;
}
