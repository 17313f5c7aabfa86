import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError, type Bilingual } from '../domain/errors.js';
import { errorFinding } from '../domain/finding.js';
import { isCivilDate } from '../domain/identifiers/civil-date.js';
import { charLength } from '../domain/identifiers/text.js';

/** Rule of fields that must be there and of a known form. */
const FORM_RULE = 'VR10';

/** Gathers what is wrong with a request, so that the caller is told everything at once. */
export class RequestCheck {
  readonly #findings: Finding[] = [];

  /** Notes one thing that is wrong. `rule`: requirement or rule id; unset: VR10. */
  add(field: string, code: string, text: Bilingual, rule = FORM_RULE): void {
    this.#findings.push(errorFinding(rule, field, code, text));
  }

  /** A text that must be there and have at most `max` characters. */
  text(value: string, field: string, max: number, rule = FORM_RULE): void {
    if (value.trim() === '')
      this.add(field, 'REQUIRED', { zh: `缺少 ${field}。`, en: `${field} is missing.` }, rule);
    this.length(value, field, max, rule);
  }

  /** A text of at most `max` characters. */
  length(value: string, field: string, max: number, rule = FORM_RULE): void {
    if (charLength(value) <= max) return;
    const text = {
      zh: `${field} 最多 ${max} 个字符。`,
      en: `${field} may have at most ${max} characters.`,
    };
    this.add(field, 'TOO_LONG', text, rule);
  }

  /** A civil date `YYYY-MM-DD` that must be there. True when it is one. */
  date(value: string, field: string): boolean {
    if (isCivilDate(value)) return true;
    this.add(field, 'DATE_FORMAT', {
      zh: `${field} 应为 YYYY-MM-DD 形式的日期。`,
      en: `${field} must be a date of the form YYYY-MM-DD.`,
    });
    return false;
  }

  /** Throws VALIDATION_FAILED with everything that was noted, if anything was. */
  pass(): void {
    const count = this.#findings.length;
    if (count === 0) return;
    throw new HubError(
      ErrorReason.VALIDATION_FAILED,
      {
        zh: `请求有 ${count} 处错误,未执行。`,
        en: `${count} error(s) in the request; nothing was done.`,
      },
      { findings: this.#findings },
    );
  }
}
