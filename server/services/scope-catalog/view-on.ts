import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { LayeredView } from '../../domain/catalog/layered-view.js';
import { HubError, notFound } from '../../domain/errors.js';
import { errorFinding } from '../../domain/finding.js';
import { isCivilDate } from '../../domain/identifiers/civil-date.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';

/**
 * The catalogue on the date asked for; empty: today.
 * @throws HubError VALIDATION_FAILED when it is no date, NOT_FOUND when no release was in force yet.
 */
export function viewOn(
  { shelf, today }: Pick<ScopeCatalogDeps, 'shelf' | 'today'>,
  onDate: string,
): LayeredView {
  const date = onDate === '' ? today() : onDate;
  if (!isCivilDate(date)) {
    throw invalidField('on_date', 'DATE_FORMAT', {
      zh: '日期应写作 YYYY-MM-DD，并且存在。',
      en: 'The date must be a real one written YYYY-MM-DD.',
    });
  }
  const view = shelf.current().on(date);
  if (!view) throw notFound(`${date} 有效的目录版本`, `catalogue in force on ${date}`);
  return view;
}

/** VALIDATION_FAILED about one field of a request. */
export function invalidField(
  field: string,
  code: string,
  text: { readonly zh: string; readonly en: string },
): HubError {
  return new HubError(ErrorReason.VALIDATION_FAILED, text, {
    findings: [errorFinding('VR10', field, code, text)],
  });
}
