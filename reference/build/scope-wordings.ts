import { readTable } from './tables.js';

/** A wording of a real registration that is fit for the catalogue. */
export interface ScopeWording {
  readonly code: string;
  /** A code seen in a public registration client, not made up here. */
  readonly codeSeen: boolean;
  readonly name: string;
  readonly category: 'GENERAL' | 'PERMIT';
  readonly industryCodes: string;
  readonly note: string;
}

interface RawWording {
  readonly row: number;
  readonly code: string;
  readonly name: string;
  readonly permit: boolean;
  readonly industryCodes: string;
  readonly seen: number;
}

/** Marks of one licence, one enterprise or one city's practice, never of a standard expression. */
const NOT_STANDARD = /^（|以上|凭有效|详见许可证|许可证所列|执照有效期|负面清单|≤|三小行业/;

/**
 * Picks the standard-looking wordings out of the raw list: no fragments, no several expressions in
 * one, no text of a single licence, nothing local. A wording seen both as 一般 and as 许可 is kept
 * once, as what it was seen more often. Its code carries its row in the raw list, so it stays the
 * same when rows are added at the end.
 */
export function pickScopeWordings(): ScopeWording[] {
  const byName = new Map<string, RawWording[]>();
  for (const wording of readRawWordings()) {
    if (!isStandard(wording.name)) continue;
    byName.set(wording.name, [...(byName.get(wording.name) ?? []), wording]);
  }
  const excluded = new Set(
    readTable('raw/scope-exclusions.csv', ['expression']).map((row) => row.expression),
  );
  return [...byName.entries()]
    .filter(([name]) => !excluded.has(name))
    .map(([, same]) => toWording(same));
}

function readRawWordings(): RawWording[] {
  return readTable('raw/business-scope-expressions.csv', [
    'code',
    'expression',
    'category',
    'industry_gbt4754',
    'seen_in_registrations',
  ]).map((row, index) => ({
    row: index + 1,
    code: row.code,
    name: row.expression.replaceAll(',', '，'),
    permit: row.category === '许可',
    industryCodes: row.industry_gbt4754,
    seen: Number(row.seen_in_registrations),
  }));
}

function isStandard(name: string): boolean {
  const outsideParentheses = name.replaceAll(/（[^（）]*）/g, '');
  return !NOT_STANDARD.test(name) && !outsideParentheses.includes('，');
}

function toWording(same: readonly RawWording[]): ScopeWording {
  const [kept, ...others] = same.toSorted((a, b) => b.seen - a.seen || a.row - b.row);
  if (!kept) throw new Error('a wording without rows');
  const otherCategory = others.find((other) => other.permit !== kept.permit);
  const label = (permit: boolean): string => (permit ? '许可' : '一般');
  return {
    code: kept.code || `PA${String(kept.row).padStart(4, '0')}`,
    codeSeen: kept.code !== '',
    name: kept.name,
    category: kept.permit ? 'PERMIT' : 'GENERAL',
    industryCodes: kept.industryCodes,
    note: otherCategory
      ? `；另有${otherCategory.seen}次作${label(otherCategory.permit)}，取${label(kept.permit)}（${kept.seen}次）`
      : '',
  };
}
