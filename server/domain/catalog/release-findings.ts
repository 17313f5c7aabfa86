import { Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { BoundedFindings } from '../bounded-findings.js';
import { errorFinding, warningFinding } from '../finding.js';

/** Findings kept of one release, errors rather than warnings; more are only counted. */
export const MAX_RELEASE_FINDINGS = 1000;

/** Where in a release something is wrong. */
export interface Place {
  readonly table: 'release' | 'entries' | 'items' | 'mapping' | 'authorities';
  /** Index of the entry or item; 0 for the release. */
  readonly row: number;
  /** For mapping and authorities: index inside the item. */
  readonly sub?: number;
  /** Name of the field in the message. */
  readonly column: string;
}

/** Turns a place into the `field` of a finding. */
export type Locate = (place: Place) => string;

/** What is wrong, in both languages; `{}` stands for the value that is. */
export interface Fault {
  readonly rule: string;
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** Fills `{}`. */
  readonly value?: string;
  /** Unset: ERROR. */
  readonly severity?: Severity;
}

/** All findings of one release, in the order found. */
export interface ReleaseFindings {
  /** At most `MAX_RELEASE_FINDINGS`, errors and warnings. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly count: number;
  readonly hasErrors: boolean;
}

/** Gathers findings, bounded; a second one at the same place with the same code is left out. */
export class FindingList implements ReleaseFindings {
  count = 0;
  hasErrors = false;
  readonly #list = new BoundedFindings(MAX_RELEASE_FINDINGS);
  readonly #seen = new Set<string>();

  get findings(): readonly Finding[] {
    return this.#list.kept;
  }

  /** Adds a finding about a field. */
  add(field: string, fault: Fault): void {
    const key = `${field} ${fault.code}`;
    if (this.#seen.has(key)) return;
    const severity = fault.severity ?? Severity.ERROR;
    this.count += 1;
    this.hasErrors ||= severity === Severity.ERROR;
    if (!this.#list.takes(severity)) return;
    this.#seen.add(key);
    const value = shorten(fault.value ?? '');
    const finding = severity === Severity.ERROR ? errorFinding : warningFinding;
    this.#list.add(
      finding(fault.rule, field, fault.code, {
        zh: fault.zh.replace('{}', () => value),
        en: fault.en.replace('{}', () => value),
      }),
    );
  }

  /** Adds the findings of another list that are not at a place this one already has an error for. */
  addUnlocated(others: ReleaseFindings): void {
    const known = new Set(this.findings.map((finding) => finding.field));
    const fresh = others.findings.filter((finding) => !known.has(finding.field));
    this.count += others.count - (others.findings.length - fresh.length);
    this.hasErrors ||= others.hasErrors;
    for (const finding of fresh) this.#list.add(finding);
  }
}

/** The path of a place in the `CatalogRelease` message, such as `items[3].scope_entry_codes[0]`. */
export const messagePath: Locate = ({ table, row, sub, column }) => {
  if (table === 'release') return column;
  if (table === 'entries') return `entries[${row}].${column}`;
  if (table === 'items') return `items[${row}].${column}`;
  if (table === 'mapping') return `items[${row}].scope_entry_codes[${sub ?? 0}]`;
  return `items[${row}].licensing_authorities[${sub ?? 0}].${column}`;
};

const SHOWN_CHARACTERS = 40;

/** A value as it may stand in a sentence: one line, and short. */
function shorten(value: string): string {
  const line = value.replace(/[\p{Cc}\p{Cs}]+/gu, ' ');
  const characters = [...line.slice(0, SHOWN_CHARACTERS * 2)];
  if (characters.length <= SHOWN_CHARACTERS) return line;
  return `${characters.slice(0, SHOWN_CHARACTERS).join('')}…`;
}
