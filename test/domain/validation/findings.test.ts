import { describe, expect, it } from 'vitest';
import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import {
  FINDING_TEXTS,
  type FindingCode,
} from '../../../server/domain/validation/finding-texts.js';
import { ENVELOPE_CASES } from './cases/envelope-cases.js';
import type { FindingCase } from './cases/finding-case.js';
import { FREE_TRADE_ZONE_CASES } from './cases/free-trade-zone-cases.js';
import { IDENTITY_CASES } from './cases/identity-cases.js';
import { LICENCE_CASES } from './cases/licence-cases.js';
import { RECORD_CASES } from './cases/record-cases.js';
import { REGISTRATION_CASES } from './cases/registration-cases.js';
import { SCOPE_CASES } from './cases/scope-cases.js';
import { TEXT_CASES } from './cases/text-cases.js';

const THEMES: readonly (readonly [string, readonly FindingCase[]])[] = [
  ['envelope and sender', ENVELOPE_CASES],
  ['identity', IDENTITY_CASES],
  ['registration', REGISTRATION_CASES],
  ['scope and permit items', SCOPE_CASES],
  ['free trade zone', FREE_TRADE_ZONE_CASES],
  ['licences', LICENCE_CASES],
  ['filings, inspections, penalties', RECORD_CASES],
  ['text', TEXT_CASES],
];

/** Found between nodes only; `relayed.test.ts` has the cases. */
const BETWEEN_NODES: readonly FindingCode[] = ['KIND_MISMATCH'];

/**
 * Found by what is held only; `known-enterprise.test.ts`, `filing-event.test.ts` and
 * `late-publication.test.ts` have the cases.
 */
const BY_WHAT_IS_HELD: readonly FindingCode[] = [
  'FILING_EVENT_OF_ANOTHER',
  'FILING_EVENT_UNKNOWN',
  'LICENCE_FOR_CANCELLED_ITEM',
  'PUBLISHED_LATE',
  'RECORD_AFTER_CANCELLATION',
];

describe.each(THEMES)('%s', (_, cases) => {
  it.each([...cases])('$title', ({ title, code, field, bad, good }) => {
    const finding = bad().find((found) => found.code === code && found.field === field);
    expect(finding, `expected ${code} at ${field}: ${summary(bad())}`).toBeDefined();
    const isError = FINDING_TEXTS[code].severity === 'ERROR';
    expect(finding?.severity).toBe(isError ? Severity.ERROR : Severity.WARNING);
    expect(rulesNamedIn(title)).toContain(finding?.rule);
    expect(finding?.messageZh).toMatch(/\p{Script=Han}/u);
    expect(finding?.messageEn).toMatch(/^[^{}]*[a-z][^{}]*$/);

    const repeated = good().filter((found) => found.code === code && found.field === field);
    expect(summary(repeated)).toBe('');
  });
});

describe('the catalogue of findings', () => {
  it('has a case for every finding', () => {
    const covered = new Set(THEMES.flatMap(([, cases]) => cases.map(({ code }) => code)));
    const missing = Object.keys(FINDING_TEXTS).filter(
      (code) => ![...covered, ...BETWEEN_NODES, ...BY_WHAT_IS_HELD].some((known) => known === code),
    );
    expect(missing).toEqual([]);
  });

  it('has two sentences with the same blanks for every finding: what is wrong, how to mend it', () => {
    for (const [code, { zh, en, rule }] of Object.entries(FINDING_TEXTS)) {
      expect(rule, code).toMatch(/^(?:VR|R)\d{1,2}$/);
      expect(blanks(zh), code).toEqual(blanks(en));
      expect(zh, code).toMatch(/[。：；].*[。]$/);
      expect(en, code).toMatch(/[a-z)].*\.$/);
    }
  });
});

function rulesNamedIn(title: string): readonly string[] {
  return /^(?:(?:VR|R|D)\d+ )+/.exec(title)?.[0].trim().split(' ') ?? [];
}

function blanks(template: string): string[] {
  return [...new Set(template.match(/\{\w+\}/g))].sort();
}

function summary(findings: ReturnType<FindingCase['bad']>): string {
  return findings.map(({ code, field }) => `${code} ${field}`).join('; ');
}
