import { create, type DescMessage } from '@bufbuild/protobuf';
import { FindingSchema, Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { BoundedFindings } from '../bounded-findings.js';
import type { Bilingual } from '../errors.js';
import { inFieldOrder } from './field-order.js';
import { findingText, type FindingCode } from './finding-texts.js';
import { quote } from './quotation.js';

/**
 * What fills a `{name}` of a sentence. A string comes from the message and is quoted with care; a
 * bilingual text is the program's or the catalogue's own and stands as it is.
 */
export type FindingValue = string | number | Bilingual;

export type FindingValues = Readonly<Record<string, FindingValue>>;

/** More than anybody mends at once; bounds what a hostile message can make the node write. Errors go first. */
export const MAX_MESSAGE_FINDINGS = 1000;

const NO_VALUES: FindingValues = Object.freeze({});

/** Gathers the findings of one message. */
export class MessageFindings {
  readonly #found = new BoundedFindings(MAX_MESSAGE_FINDINGS);

  /** Adds a finding about a field path. `rule` replaces the general rule of the code. */
  add(code: FindingCode, field: string, values: FindingValues = NO_VALUES, rule?: string): void {
    const text = findingText(code);
    const severity = text.severity === 'ERROR' ? Severity.ERROR : Severity.WARNING;
    if (!this.#found.takes(severity)) return;
    this.#found.add(
      create(FindingSchema, {
        rule: rule ?? text.rule,
        field,
        severity,
        code,
        messageZh: fill(text.zh, values, 'zh'),
        messageEn: fill(text.en, values, 'en'),
      }),
    );
  }

  /** All findings, in the order of the fields of the message. */
  inOrderOf(message: DescMessage): Finding[] {
    return inFieldOrder(this.#found.kept, message);
  }
}

function fill(template: string, values: FindingValues, language: keyof Bilingual): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) return '';
    if (typeof value === 'string') return quote(value)[language];
    return typeof value === 'number' ? String(value) : value[language];
  });
}
