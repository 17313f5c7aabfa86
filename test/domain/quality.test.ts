import { describe, expect, it } from 'vitest';
import { dimensionOf } from '../../server/domain/quality.js';
import { FINDING_TEXTS } from '../../server/domain/validation/finding-texts.js';

describe('the seven words', () => {
  it('classes every finding the validator can make', () => {
    const unclassed = Object.entries(FINDING_TEXTS).filter(
      ([code, { rule }]) => dimensionOf({ code, rule }) === undefined,
    );
    expect(unclassed).toEqual([]);
  });

  it('uses all seven', () => {
    const used = new Set(
      Object.entries(FINDING_TEXTS).map(([code, { rule }]) => dimensionOf({ code, rule })),
    );
    expect(used.size).toBe(7);
  });

  it.each([
    ['REQUIRED', 'R51', 'completeness'],
    ['USCC_CHECK_DIGIT', 'VR2', 'accuracy'],
    ['CHANGE_DUPLICATE', 'VR19', 'redundancy'],
    ['PERMIT_ITEM_MISSING', 'VR14', 'coverage'],
    ['LATE', 'VR31', 'timeliness'],
    ['PUBLISHED_LATE', 'VR31', 'timeliness'],
    ['FILING_EVENT_UNKNOWN', 'VR21', 'relation'],
  ])('%s of %s is about %s', (code, rule, dimension) => {
    expect(dimensionOf({ code, rule })).toBe(dimension);
  });
});
