import { describe, expect, it } from 'vitest';
import { firstNumberAfterRestore, nextRevision } from '../../server/domain/restoration.js';

const AT = Date.UTC(2026, 10, 24, 3);

describe('numbers after a restore', () => {
  it('begin above a million given in every second since an earlier restore', () => {
    const [earlier, later] = [AT, AT + 60_000].map(firstNumberAfterRestore);
    expect(later! - earlier!).toBe(60 * 1_000_000);
    expect(Number.isSafeInteger(firstNumberAfterRestore(Date.UTC(2220, 0, 1)))).toBe(true);
  });

  it('R55 D7 a mark set after a restore is above every mark that was set before it', () => {
    const forgotten = nextRevision(nextRevision(0, 41), 42);
    expect(forgotten).toBe(2);
    const first = firstNumberAfterRestore(AT);
    expect(nextRevision(0, first)).toBeGreaterThan(forgotten);
    const second = firstNumberAfterRestore(AT + 3_600_000);
    expect(nextRevision(0, second)).toBeGreaterThan(
      nextRevision(nextRevision(0, first), first + 9),
    );
  });
});
