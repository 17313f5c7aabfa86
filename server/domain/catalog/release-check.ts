import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import type { CatalogRelease, PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { checkEntries } from './entry-check.js';
import { FieldCheck } from './field-check.js';
import { checkItems } from './item-check.js';
import { CENTRAL_LAYER, isLayer } from './layer.js';
import { checkOrphans } from './orphan-check.js';
import {
  FindingList,
  messagePath,
  type Locate,
  type Place,
  type ReleaseFindings,
} from './release-findings.js';

/** What a release is checked against besides itself. */
export interface ReleaseContext {
  /**
   * For a provincial release: the central release in force on its effective date, then any later
   * ones. Empty for a central release.
   */
  readonly central: readonly CatalogRelease[];
  /** The release of the same layer that it replaces. Undefined: the first of its layer. */
  readonly previous: CatalogRelease | undefined;
  /** Civil date on which it is published. */
  readonly today: string;
  /** The node that a region lies in, `undefined` when in none; holds authorities to their province. */
  readonly provinceOf: (regionCode: string) => string | undefined;
}

const MAX_ROWS = 20_000;

/**
 * The laws of a release, all findings at once: complete mapping (R6), stated reform mode (R3),
 * layers kept apart (R25), cancelled items kept (R9), codes unique and well formed (R4, VR10), dates
 * (VR8), authorities (VR15), names fit for a 经营范围 text (R8). `locate` says where a finding is;
 * unset, as a path in the message.
 */
export function checkRelease(
  release: CatalogRelease,
  context: ReleaseContext,
  locate: Locate = messagePath,
): ReleaseFindings {
  const list = new FindingList();
  const check = new FieldCheck(list, locate);
  checkHead(check, release);
  checkDay(check, release, context);
  const entryCodes = checkEntries(check, release, context.central);
  checkItems(check, release, context, entryCodes);
  if (context.previous) checkCancelledItemsStay(check, release, context.previous);
  // Last: of many findings the first are kept, and these are warnings only.
  checkOrphans(check, release, context.central);
  return list;
}

function checkHead(check: FieldCheck, release: CatalogRelease): void {
  check.code(head('version'), release.version, 16);
  check.date(head('effective_from'), release.effectiveFrom);
  check.text(head('title_zh'), release.titleZh, 200);
  check.optionalText(head('title_en'), release.titleEn, 300);
  check.text(head('provenance'), release.provenance, 2000);
  if (!isLayer(release.layer)) {
    check.list.add(check.locate(head('layer')), {
      rule: 'R25',
      code: 'LAYER_UNKNOWN',
      zh: '层“{}”应为 100000（总局）或省级节点代码。',
      en: 'The layer "{}" must be 100000 (national) or the code of a province.',
      value: release.layer,
    });
  }
  checkSize(check, release);
}

function checkSize(check: FieldCheck, release: CatalogRelease): void {
  const rows = [release.entries.length, release.items.length];
  const empty = release.layer === CENTRAL_LAYER ? Math.min(...rows) : Math.max(...rows);
  if (empty === 0) {
    check.list.add(check.locate(head('version')), {
      rule: 'R4',
      code: 'RELEASE_EMPTY',
      zh: '发布版本没有条目或许可事项；一个版本必须完整，不是增量。',
      en: 'The release has no entries or no items; a release must be complete, never a delta.',
    });
  }
  if (Math.max(...rows) > MAX_ROWS) {
    check.list.add(check.locate(head('version')), {
      rule: 'R4',
      code: 'RELEASE_TOO_LARGE',
      zh: `条目和许可事项各最多 ${MAX_ROWS} 行。`,
      en: `At most ${MAX_ROWS} entries and as many items are allowed.`,
    });
  }
}

/** A cancelled item that leaves the list would leave its department untold (R9). */
function checkCancelledItemsStay(
  check: FieldCheck,
  release: CatalogRelease,
  previous: CatalogRelease,
): void {
  const codes = new Set(release.items.map((item) => item.permitItemCode));
  for (const item of previous.items.filter(isCancelled)) {
    if (codes.has(item.permitItemCode)) continue;
    check.list.add(check.locate(head('version')), {
      rule: 'R9',
      code: 'CANCELLED_ITEM_DROPPED',
      zh: '直接取消审批的事项“{}”在上一版本中，本版本没有；取消的事项须保留在对照表中。',
      en: 'The cancelled item "{}" of the release before is missing; cancelled items stay in the mapping.',
      value: `${item.permitItemCode} ${item.name}`,
    });
  }
}

/** Dates that change what was in force on days gone by, or that two releases share (R23). */
function checkDay(check: FieldCheck, release: CatalogRelease, context: ReleaseContext): void {
  const field = check.locate(head('effective_from'));
  if (release.effectiveFrom < context.today) {
    check.list.add(field, {
      rule: 'R23',
      code: 'BACKDATED',
      zh: '生效日期“{}”早于今天：此前按旧目录办理的登记不再与目录一致。',
      en: 'The effective date "{}" is in the past: registrations made since then used the release before.',
      value: release.effectiveFrom,
      severity: Severity.WARNING,
    });
  }
  if (context.previous?.effectiveFrom !== release.effectiveFrom) return;
  check.list.add(field, {
    rule: 'R23',
    code: 'SAME_EFFECTIVE_DATE',
    zh: '与已有版本“{}”生效日期相同；后入库的版本有效。',
    en: 'Release "{}" takes effect on the same day; the one stored later is in force.',
    value: context.previous.version,
    severity: Severity.WARNING,
  });
}

function isCancelled(item: PermitItem): boolean {
  return item.reformMode === ReformMode.CANCELLED;
}

function head(column: string): Place {
  return { table: 'release', row: 0, column };
}
