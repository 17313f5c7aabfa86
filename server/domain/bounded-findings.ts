import { Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';

/**
 * Findings of which no more than `most` are kept. An error that is found when all places are taken gets
 * that of the last warning: whoever asks the list whether anything refuses is never told no because
 * too many warnings were found before it.
 */
export class BoundedFindings {
  readonly #kept: Finding[] = [];
  #warnings = 0;

  constructor(private readonly most: number) {}

  /** In the order found. */
  get kept(): readonly Finding[] {
    return this.#kept;
  }

  /** Whether one of this severity would be kept; asked before its sentences are made. */
  takes(severity: Severity): boolean {
    if (this.#kept.length < this.most) return true;
    return severity === Severity.ERROR && this.#warnings > 0;
  }

  /** Keeps it, if there is a place for it. */
  add(finding: Finding): void {
    if (!this.takes(finding.severity)) return;
    if (this.#kept.length >= this.most) this.#dropLastWarning();
    this.#kept.push(finding);
    if (finding.severity !== Severity.ERROR) this.#warnings += 1;
  }

  #dropLastWarning(): void {
    const last = this.#kept.findLastIndex(({ severity }) => severity !== Severity.ERROR);
    this.#kept.splice(last, 1);
    this.#warnings -= 1;
  }
}
