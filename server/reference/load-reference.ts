import { readFileSync } from 'node:fs';
import {
  CODE_LIST_COLUMNS,
  groupCodeLists,
  type CodeListName,
  type CodeLists,
  type CodeValue,
} from './code-lists.js';
import { parseTable, ReferenceFileError, type TableRow } from './csv-table.js';
import {
  FREE_TRADE_ZONE_COLUMNS,
  groupFreeTradeZones,
  type FreeTradeZone,
} from './free-trade-zones.js';

/** An administrative division of GB/T 2260 (and 660000, which the standard does not hold). */
export interface Region {
  readonly code: string;
  readonly name: string;
  readonly level: 'PROVINCE' | 'CITY' | 'COUNTY';
  /** The code above it; `undefined` for a province. */
  readonly parent: string | undefined;
}

/** A class of GB/T 4754-2017. */
export interface Industry {
  readonly code: string;
  readonly name: string;
  /** 1 门类, 2 大类, 3 中类, 4 小类. */
  readonly level: number;
  /** The letter of its 门类. */
  readonly section: string;
}

/** A kind of market entity (CA16). */
export interface EnterpriseType {
  readonly code: string;
  readonly name: string;
  readonly className: string;
}

/** The facts a node knows from its start: read once, never changed, never written. */
export interface Reference {
  readonly regions: ReadonlyMap<string, Region>;
  readonly freeTradeZones: ReadonlyMap<string, FreeTradeZone>;
  readonly industries: ReadonlyMap<string, Industry>;
  readonly enterpriseTypes: ReadonlyMap<string, EnterpriseType>;
  /** GB/T 12406 numeric code → name. */
  readonly currencies: ReadonlyMap<string, string>;
  readonly codeLists: CodeLists;
}

const DEFAULT_DIR = new URL('../../reference/', import.meta.url);
const REGION_LEVELS = { '1': 'PROVINCE', '2': 'CITY', '3': 'COUNTY' } as const;

/**
 * Reads the reference tables from a directory URL that ends in `/` (unset: the project's own
 * `reference/`). Synchronous and meant for the start of the process only.
 * @throws ReferenceFileError when a file lacks a column or holds a value that cannot be.
 */
export function loadReference(dir: URL = DEFAULT_DIR): Reference {
  return Object.freeze({
    regions: loadRegions(dir),
    freeTradeZones: groupFreeTradeZones(read(dir, 'ftz-areas.csv', FREE_TRADE_ZONE_COLUMNS)),
    industries: loadIndustries(dir),
    enterpriseTypes: loadEnterpriseTypes(dir),
    currencies: new Map(
      read(dir, 'currency-gbt12406.csv', ['code', 'name']).map(({ code, name }) => [code, name]),
    ),
    codeLists: groupCodeLists(read(dir, 'code-lists.csv', CODE_LIST_COLUMNS), 'code-lists.csv'),
  });
}

/** Looks a code up in one of the code lists (VR10); `undefined` when the list does not hold it. */
export function findCode(
  reference: Pick<Reference, 'codeLists'>,
  list: CodeListName,
  code: string,
): CodeValue | undefined {
  return reference.codeLists.get(list)?.get(code);
}

function read<Column extends string>(
  dir: URL,
  file: string,
  columns: readonly Column[],
): TableRow<Column>[] {
  return parseTable(readFileSync(new URL(file, dir), 'utf8'), columns, file);
}

function loadRegions(dir: URL): ReadonlyMap<string, Region> {
  const file = 'regions.csv';
  const rows = read(dir, file, ['code', 'name', 'level', 'parent']);
  const levels: Readonly<Record<string, Region['level']>> = REGION_LEVELS;
  return new Map(
    rows.map((row) => {
      const level = levels[row.level];
      if (!level) {
        const place = `${row.code} ${row.level}`;
        throw new ReferenceFileError(file, `层级无效 ${place}`, `invalid level ${place}`);
      }
      const parent = row.parent === '' ? undefined : row.parent;
      return [row.code, Object.freeze({ code: row.code, name: row.name, level, parent })];
    }),
  );
}

function loadIndustries(dir: URL): ReadonlyMap<string, Industry> {
  const rows = read(dir, 'industry-gbt4754-2017.csv', ['code', 'name', 'level', 'section']);
  return new Map(
    rows.map((row) => [row.code, Object.freeze({ ...row, level: Number(row.level) })]),
  );
}

function loadEnterpriseTypes(dir: URL): ReadonlyMap<string, EnterpriseType> {
  const rows = read(dir, 'enterprise-types.csv', ['code', 'name', 'class_name']);
  return new Map(
    rows.map((row) => [
      row.code,
      Object.freeze({ code: row.code, name: row.name, className: row.class_name }),
    ]),
  );
}
