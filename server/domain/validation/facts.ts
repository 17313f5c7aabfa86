/** What validation needs to know about codes. Filled from the reference tables of the node. */

/** The code lists whose values are plain strings in a message (VR10); enums check themselves. */
export type ValidatedCodeList =
  | 'reg_state'
  | 'change_item'
  | 'inspection_type'
  | 'inspection_way'
  | 'inspection_result'
  | 'inspection_disposal'
  | 'penalty_type';

/**
 * The lists of values that were found for one province only, or in words without codes
 * (`reference/README.md`): a value that they lack may be right.
 */
export const PROVISIONAL_LISTS: ReadonlySet<ValidatedCodeList> = new Set([
  'inspection_result',
  'inspection_disposal',
]);

/** Membership of a code list; a ReadonlySet or ReadonlyMap is one. */
export interface CodeSet {
  has(code: string): boolean;
}

/** A 片区 of a pilot free trade zone. */
export interface FreeTradeAreaFact {
  readonly code: string;
  readonly name: string;
}

/** A pilot free trade zone (VR11). */
export interface FreeTradeZoneFact {
  readonly code: string;
  readonly name: string;
  /** Six-digit code of the province it lies in. */
  readonly province: string;
  /** The area of this name or code; undefined when it is none of this zone. */
  area(nameOrCode: string): FreeTradeAreaFact | undefined;
}

/** Facts about codes. Implementations are immutable and answer from memory. */
export interface Facts {
  /** Whether GB/T 2260 holds the six digits (VR10). */
  isRegion(code: string): boolean;
  /** Node code of the province that a region code lies in; undefined for none, also for 100000. */
  provinceOf(regionCode: string): string | undefined;
  /** Node a registration authority belongs to, by longest prefix (D11); undefined for none. */
  nodeOfRegOrg(regOrg: string): string | undefined;
  /** The zone of a code or of a name in full or short form (VR11). */
  ftz(nameOrCode: string): FreeTradeZoneFact | undefined;
  /** Whether CA16 holds the kind of market entity (VR10). */
  isEnterpriseType(code: string): boolean;
  /** Whether GB/T 12406 holds the three digits (VR10). */
  isCurrency(code: string): boolean;
  /** Section letter of a GB/T 4754 code; undefined for an unknown code (VR10). */
  industrySection(code: string): string | undefined;
  /** The values of a code list (VR10). */
  codes(list: ValidatedCodeList): CodeSet;
  /** Whether a civil date is a public holiday (VR31). Unset: no holidays are known. */
  isHoliday?(date: string): boolean;
}
