import type { Facts } from '../domain/validation/facts.js';
import { daysOff, type DaysOff } from './holidays.js';
import type { Reference } from './load-reference.js';
import { nodeOfRegOrg } from './nodes.js';
import { provinceOf } from './region-codes.js';
import { indexZones } from './zone-index.js';

/** The reference tables, and the days off, as validation asks for them (VR7, VR10, VR11, VR31). */
export function createFacts(reference: Reference, calendar: DaysOff = daysOff()): Facts {
  const noCodes: ReadonlySet<string> = new Set();
  return Object.freeze<Facts>({
    isRegion: (code) => reference.regions.has(code),
    provinceOf,
    nodeOfRegOrg: (regOrg) => nodeOfRegOrg(regOrg)?.code,
    ftz: indexZones(reference.freeTradeZones.values()),
    isEnterpriseType: (code) => reference.enterpriseTypes.has(code),
    isCurrency: (code) => reference.currencies.has(code),
    industrySection: (code) => reference.industries.get(code)?.section,
    codes: (list) => reference.codeLists.get(list) ?? noCodes,
    isHoliday: calendar.isHoliday,
  });
}
