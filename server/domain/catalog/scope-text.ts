import { ScopeCategory, type ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { normaliseName } from '../identifiers/text.js';

/** Label and closing remark of a part, worded as real registrations word them. */
const PARTS = [
  {
    category: ScopeCategory.GENERAL,
    label: '一般项目：',
    remark: '（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。',
  },
  {
    category: ScopeCategory.PERMIT,
    label: '许可项目：',
    remark:
      '（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。',
  },
] as const;

/** `（依法须经批准的项目，…）` and its kin, with any bracket and comma: a remark, no entry (R8). */
const REMARK =
  /[（(](?:除依法须经批准的项目外|依法须经批准的项目|在总公司经营范围内)[^（）()]*[）)]/g;
const LABEL = /^[，,]?(?:一般|许可)(?:经营)?项目(?:是)?[：:]/;

const OPENING = '（([【〔';
const CLOSING = '）)]】〕';
const SEPARATORS = '；;。\n';

/**
 * Canonical 经营范围 of the chosen entries: general items first, permit items after, each part in
 * the order given (R8). Empty without entries; a part without entries is left out.
 */
export function renderScopeText(entries: readonly ScopeEntry[]): string {
  return PARTS.map((part) => {
    const names = entries
      .filter((entry) => entry.category === part.category)
      .map((entry) => entry.name);
    return names.length === 0 ? '' : `${part.label}${names.join('；')}${part.remark}`;
  }).join('');
}

/**
 * The expressions in a 经营范围 text, without labels and closing remarks, in the order written.
 * Semicolons and full stops divide them, outside brackets only. Any text can be read: what is no
 * expression of the catalogue comes out as it stands.
 */
export function parseScopeText(text: string): readonly string[] {
  return splitOutsideBrackets(text.replace(REMARK, ''))
    .map((part) => part.trim().replace(LABEL, '').trim())
    .filter((part) => part !== '');
}

/** Whether a name holds a separator that would break a text in two (R8). */
export function breaksScopeText(name: string): boolean {
  return splitOutsideBrackets(name).length > 1 || LABEL.test(name) || name.search(REMARK) >= 0;
}

/**
 * Whether a text names exactly the expressions of these entries, in any order, with any closing
 * remark, in any width of brackets (R8, VR30).
 */
export function scopeTextMatches(text: string, entries: readonly ScopeEntry[]): boolean {
  const written = new Set(parseScopeText(text).map(normaliseName));
  const expected = new Set(entries.map((entry) => normaliseName(entry.name)));
  return written.size === expected.size && [...expected].every((name) => written.has(name));
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (OPENING.includes(character)) depth += 1;
    else if (CLOSING.includes(character)) depth = Math.max(0, depth - 1);
    else if (depth === 0 && SEPARATORS.includes(character)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
