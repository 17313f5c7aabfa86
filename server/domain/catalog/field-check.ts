import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { isCivilDate } from '../identifiers/civil-date.js';
import { findTextProblems, TEXT_PROBLEM_SEVERITY } from '../identifiers/text-problems.js';
import { charLength } from '../identifiers/text.js';
import type { FindingList, Locate, Place } from './release-findings.js';

const CODE = /^[0-9A-Za-z][0-9A-Za-z._-]*$/;

/** Findings of one release and how to say where they are. */
export class FieldCheck {
  constructor(
    readonly list: FindingList,
    readonly locate: Locate,
  ) {}

  /** A required code of at most `max` characters: letters, digits, `.`, `_`, `-`. */
  code(place: Place, value: string, max: number): void {
    if (this.#missing(place, value)) return;
    this.#length(place, value, max);
    if (CODE.test(value)) return;
    this.list.add(this.locate(place), {
      rule: 'VR10',
      code: 'CODE_FORMAT',
      zh: '代码“{}”只能由字母、数字和 . _ - 组成。',
      en: 'The code "{}" may hold only letters, digits and . _ -',
      value,
    });
  }

  /** A required text of at most `max` characters, free of the faults of VR27. */
  text(place: Place, value: string, max: number): void {
    if (!this.#missing(place, value)) this.optionalText(place, value, max);
  }

  /** A text that may be empty. */
  optionalText(place: Place, value: string, max: number): void {
    this.#length(place, value, max);
    for (const problem of findTextProblems(value, { multiline: true })) {
      const refused = TEXT_PROBLEM_SEVERITY[problem.kind] === 'ERROR';
      this.list.add(this.locate(place), {
        rule: 'VR27',
        code: problem.kind,
        zh: '文字有乱码或异常字符（{}），请重新录入。',
        en: 'The text holds damaged or unusual characters ({}); enter it again.',
        value: problem.kind,
        severity: refused ? Severity.ERROR : Severity.WARNING,
      });
    }
  }

  /** A civil date, or empty. Tells whether it can be compared. */
  optionalDate(place: Place, value: string): boolean {
    if (value === '' || isCivilDate(value)) return value !== '';
    this.list.add(this.locate(place), {
      rule: 'VR8',
      code: 'DATE_FORMAT',
      zh: '日期“{}”应写作 YYYY-MM-DD，并且存在。',
      en: 'The date "{}" must be a real date written YYYY-MM-DD.',
      value,
    });
    return false;
  }

  /** A required civil date. */
  date(place: Place, value: string): boolean {
    return !this.#missing(place, value) && this.optionalDate(place, value);
  }

  /** First and last day of a row, in this order (VR8). */
  period(from: Place, fromDate: string, to: Place, toDate: string): void {
    const comparable = this.optionalDate(from, fromDate);
    if (!this.optionalDate(to, toDate) || !comparable || fromDate <= toDate) return;
    this.list.add(this.locate(to), {
      rule: 'VR8',
      code: 'PERIOD_REVERSED',
      zh: '失效日期“{}”早于生效日期。',
      en: 'The last day "{}" is before the first day.',
      value: toDate,
    });
  }

  /** A choice of a code list that must be made; 0 is none (VR10). */
  chosen(place: Place, value: number, rule = 'VR10'): boolean {
    if (value !== 0) return true;
    this.list.add(this.locate(place), {
      rule,
      code: 'NOT_STATED',
      zh: '“{}”没有填写，或不在代码表中。',
      en: '"{}" is not stated, or not in its code list.',
      value: place.column,
    });
    return false;
  }

  #missing(place: Place, value: string): boolean {
    if (value.trim() !== '') return false;
    this.list.add(this.locate(place), {
      rule: 'R4',
      code: 'REQUIRED',
      zh: '“{}”必须填写。',
      en: '"{}" is required.',
      value: place.column,
    });
    return true;
  }

  #length(place: Place, value: string, max: number): void {
    const length = charLength(value);
    if (length <= max) return;
    this.list.add(this.locate(place), {
      rule: 'VR10',
      code: 'TOO_LONG',
      zh: `最多 ${max} 个字符，现有 ${length} 个。`,
      en: `At most ${max} characters are allowed; there are ${length}.`,
    });
  }
}
