import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { BoundedFindings } from '../../server/domain/bounded-findings.js';
import { errorFinding, hasError, warningFinding } from '../../server/domain/finding.js';

const TEXT = { zh: '测试。', en: 'Test.' };

/** One finding for each mark: true is an error. */
function findingsOf(marks: readonly boolean[]): Finding[] {
  return marks.map((isError, at) =>
    (isError ? errorFinding : warningFinding)('VR1', `f${at}`, 'TEST', TEXT),
  );
}

it('keeps the first errors, then the first warnings that have a place, in the order found', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat(20), (marks, most) => {
      const found = findingsOf(marks);
      const bounded = new BoundedFindings(most);
      for (const finding of found) {
        const before = bounded.kept.length;
        const taken = bounded.takes(finding.severity);
        bounded.add(finding);
        expect(bounded.kept.includes(finding)).toBe(taken);
        expect(bounded.kept.length).toBeGreaterThanOrEqual(before);
      }
      const errors = found.filter((one) => hasError([one])).slice(0, most);
      const warnings = found.filter((one) => !hasError([one])).slice(0, most - errors.length);
      const due = new Set([...errors, ...warnings]);
      expect(bounded.kept).toEqual(found.filter((one) => due.has(one)));
    }),
  );
});
