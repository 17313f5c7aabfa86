import {
  ScopeCategory,
  type CatalogRelease,
  type PermitItem,
  type ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import type { FieldCheck } from './field-check.js';

/**
 * What stands alone though every row is well formed (R6, R25): entries of permit activities that lead
 * to no item, so that nobody would be told of who ticks them, and mappings that a later central
 * release leaves without their entry. Warnings: either can be meant.
 */
export function checkOrphans(
  check: FieldCheck,
  release: CatalogRelease,
  central: readonly CatalogRelease[],
): void {
  const mapped = new Set(release.items.flatMap((item) => item.scopeEntryCodes));
  const headings = new Set(release.entries.map((entry) => entry.parentCode));
  release.entries.forEach((entry, row) => {
    if (mapped.has(entry.scopeEntryCode) || headings.has(entry.scopeEntryCode)) return;
    if (leadsToItems(entry, release.effectiveFrom)) leadsNowhere(check, row, entry);
  });
  const own = new Set(release.entries.map((entry) => entry.scopeEntryCode));
  for (const later of central.slice(1)) {
    const kept = new Set(later.entries.filter(lastsInto(later)).map((one) => one.scopeEntryCode));
    release.items.forEach((item, row) => {
      item.scopeEntryCodes.forEach((code, sub) => {
        if (!own.has(code) && !kept.has(code)) droppedLater(check, { row, sub }, item, later);
      });
    });
  }
}

/** Whether ticking the entry should tell a department: a permit activity that has not ended (R1). */
function leadsToItems(entry: ScopeEntry, from: string): boolean {
  return entry.category === ScopeCategory.PERMIT && isOpenOn(entry, from);
}

function lastsInto(release: CatalogRelease): (entry: ScopeEntry) => boolean {
  return (entry) => isOpenOn(entry, release.effectiveFrom);
}

function isOpenOn({ effectiveTo }: ScopeEntry, date: string): boolean {
  return effectiveTo === '' || effectiveTo >= date;
}

function leadsNowhere(check: FieldCheck, row: number, entry: ScopeEntry): void {
  check.list.add(check.locate({ table: 'entries', row, column: 'scope_entry_code' }), {
    rule: 'R6',
    code: 'ENTRY_WITHOUT_ITEM',
    zh: '许可经营项目条目“{}”没有对应的许可事项：勾选后不会告知任何部门。请补充对应关系，或确认由其他层对应。',
    en: 'The permit entry "{}" maps to no permit item: ticking it tells no department. Add the mapping, or make sure that another layer has it.',
    value: `${entry.scopeEntryCode} ${entry.name}`,
    severity: Severity.WARNING,
  });
}

function droppedLater(
  check: FieldCheck,
  at: { readonly row: number; readonly sub: number },
  item: PermitItem,
  later: CatalogRelease,
): void {
  const code = item.scopeEntryCodes[at.sub] ?? '';
  check.list.add(check.locate({ table: 'mapping', ...at, column: 'scope_entry_code' }), {
    rule: 'R25',
    code: 'ENTRY_DROPPED_LATER',
    zh: `总局目录 ${later.version} 自 ${later.effectiveFrom} 起不再有条目“{}”，届时对应关系将无所指。`,
    en: `Central release ${later.version} has no entry "{}" from ${later.effectiveFrom} on; the mapping will then point nowhere.`,
    value: code,
    severity: Severity.WARNING,
  });
}
