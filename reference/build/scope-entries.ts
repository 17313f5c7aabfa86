import { pickScopeWordings, type ScopeWording } from './scope-wordings.js';
import { PILOT_START, readTable, required, type OutputRow } from './tables.js';

export const SCOPE_ENTRY_COLUMNS = [
  'scope_entry_code',
  'name',
  'category',
  'industry_codes',
  'keywords',
  'description',
  'include_note',
  'exclude_note',
  'parent_code',
  'effective_from',
  'effective_to',
  'provisional',
  'provenance',
];

/** A scope entry before its derived columns are filled in. */
export interface ScopeSource {
  readonly code: string;
  readonly name: string;
  readonly category: 'GENERAL' | 'PERMIT';
  readonly industryCodes: string;
  readonly keywords: string;
  readonly provenance: string;
}

const UNMAPPED =
  '许可类表述；其许可事项不在现有清单片段内，未建立对应关系。Permit-type wording whose permit item is not in the partial list at hand; not mapped.';

/** The entries of the central catalogue: real wordings, then wordings made from permit items. */
export function collectScopeSources(): ScopeSource[] {
  const keywords = lookup('raw/scope-keywords.csv', 'keywords');
  const industries = industryMatcher();
  const real = pickScopeWordings().map((wording) => ({
    ...wording,
    industryCodes: wording.industryCodes || industries(wording.name),
    keywords: keywords.get(wording.name) ?? '',
    provenance: provenanceOf(wording),
  }));
  return [...real, ...readAdditions()];
}

/** Fills in the derived columns; `mapped` holds the codes that a permit item is mapped to. */
export function toScopeRows(sources: readonly ScopeSource[], mapped: Set<string>): OutputRow[] {
  const codeOf = new Map(sources.map((source) => [source.name, source.code]));
  return sources.map((source) => {
    const notes = [...source.name.matchAll(/（([^（）]*)）/g)].map((match) => match[1] ?? '');
    const base = source.name.replace(/（[^（）]*）$/, '');
    return {
      scope_entry_code: source.code,
      name: source.name,
      category: source.category,
      industry_codes: source.industryCodes,
      keywords: source.keywords,
      description: source.category === 'PERMIT' && !mapped.has(source.code) ? UNMAPPED : '',
      include_note: notes.filter((note) => /^(仅|含|限)/.test(note)).join('；'),
      exclude_note: notes.filter((note) => /^(不含|不产生|除|非)|除外$/.test(note)).join('；'),
      parent_code: base === source.name ? '' : (codeOf.get(base) ?? ''),
      effective_from: PILOT_START,
      effective_to: '',
      provisional: 'true',
      provenance: source.provenance,
    };
  });
}

function provenanceOf(wording: ScopeWording): string {
  const code = wording.codeSeen ? '代码见公开的登记系统客户端' : '代码为暂定';
  return `真实登记经营范围中的表述；${code}${wording.note}`;
}

function readAdditions(): ScopeSource[] {
  const items = lookup('raw/permit-items-partial.csv', 'item_name', 'seq');
  return readTable('raw/scope-additions.csv', [
    'code',
    'name',
    'category',
    'industry_codes',
    'keywords',
    'seq',
    'basis',
  ]).map((row) => ({
    code: row.code,
    name: row.name,
    category: row.category === '许可' ? 'PERMIT' : 'GENERAL',
    industryCodes: row.industry_codes,
    keywords: row.keywords,
    provenance:
      row.basis === 'COMPOUND'
        ? '真实登记经营范围中的表述（出自多项合并的一行，已拆出）；代码为暂定'
        : `没有找到真实表述，由许可事项“${required(items.get(row.seq), `item ${row.seq}`)}”的名称拟定；代码为暂定`,
  }));
}

/** Links a wording to GB/T 4754: by hand where evident, else by the same name, else not at all. */
function industryMatcher(): (name: string) => string {
  const byHand = lookup('raw/industry-links.csv', 'industry_codes');
  const byName = new Map<string, string>();
  for (const row of readTable('industry-gbt4754-2017.csv', ['code', 'name', 'level'])) {
    // 小类 repeat the name of their 中类 where it has only one: rows descend, the last one is exact.
    if (row.level !== '1') byName.set(row.name, row.code);
  }
  return (name) => {
    const base = name.replace(/（[^（）]*）$/, '');
    return byHand.get(name) ?? byName.get(base) ?? byName.get(`${base}业`) ?? '';
  };
}

function lookup<Value extends string>(
  path: string,
  value: Value,
  key = 'name',
): ReadonlyMap<string, string> {
  const rows: readonly Readonly<Record<string, string>>[] = readTable(path, [key, value]);
  return new Map(rows.map((row) => [row[key] ?? '', row[value] ?? '']));
}
