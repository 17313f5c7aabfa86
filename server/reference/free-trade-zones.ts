import { grouped } from '../domain/grouped.js';
import type { TableRow } from './csv-table.js';

/** A 片区 of a pilot free trade zone. */
export interface FreeTradeArea {
  /** Provisional, e.g. `FTZ-33-01`: no official code was found. */
  readonly code: string;
  readonly name: string;
}

/** A pilot free trade zone (自由贸易试验区) with its areas, as of December 2019. */
export interface FreeTradeZone {
  /** Provisional, e.g. `FTZ-33`: no official code was found. */
  readonly code: string;
  readonly name: string;
  /** The province it lies in, e.g. `330000` (VR11). */
  readonly province: string;
  readonly areas: readonly FreeTradeArea[];
}

export const FREE_TRADE_ZONE_COLUMNS = [
  'ftz_code',
  'ftz_name',
  'province_code',
  'area_code',
  'area_name',
] as const;

/** Groups the rows of `ftz-areas.csv`, one per area, into zones by zone code (R43, VR11). */
export function groupFreeTradeZones(
  rows: readonly TableRow<(typeof FREE_TRADE_ZONE_COLUMNS)[number]>[],
): ReadonlyMap<string, FreeTradeZone> {
  const areas = grouped(
    rows.map((row) => [row.ftz_code, Object.freeze({ code: row.area_code, name: row.area_name })]),
  );
  return new Map(
    rows.map((row) => [
      row.ftz_code,
      Object.freeze({
        code: row.ftz_code,
        name: row.ftz_name,
        province: row.province_code,
        areas: Object.freeze(areas.get(row.ftz_code) ?? []),
      }),
    ]),
  );
}
