import type { PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ValidationContext } from './context.js';
import { isBlank, realDate } from './field-checks.js';
import type { MessageFindings } from './message-findings.js';

/** A permit item as a record states it. */
export interface StatedItem {
  readonly code: string;
  /** Path of the code. */
  readonly field: string;
  /** Civil date of the decision; chooses the catalogue. */
  readonly date: string;
  /** Rule under which an unknown code is reported. */
  readonly rule: string;
}

/**
 * The permit item of a record, in the catalogue of the decision date; decisions from before the
 * pilot are looked up in today's. Undefined when it is unknown, which is then reported: as an error
 * under an official catalogue, as a warning while the catalogue is provisional and incomplete.
 */
export function findStatedItem(
  stated: StatedItem,
  context: ValidationContext,
  found: MessageFindings,
): PermitItem | undefined {
  if (isBlank(stated.code)) return undefined;
  const { catalog, today } = context;
  const view = catalog.on(realDate(stated.date) ?? today) ?? catalog.on(today);
  const item = view?.item(stated.code);
  if (item) return item;
  const values = { value: stated.code };
  if (!view) found.add('ITEM_NOT_JUDGED', stated.field, values, stated.rule);
  else if (view.provisional) found.add('ITEM_NOT_IN_CATALOGUE', stated.field, values, stated.rule);
  else found.add('PERMIT_ITEM_UNKNOWN', stated.field, values, stated.rule);
  return undefined;
}
