import type { ValidationContext } from '../../server/domain/validation/context.js';
import { loadReference } from '../../server/reference/load-reference.js';
import { createFacts } from '../../server/reference/validation-facts.js';
import { BUILDER_NOW_MS, BUILDER_TODAY } from './builders.js';
import { testCatalog } from './catalog.js';

const facts = createFacts(loadReference());
const catalog = testCatalog();

/** Node 330000 on the day of the builders, with the real reference tables. */
export function zhejiangContext(overrides: Partial<ValidationContext> = {}): ValidationContext {
  return {
    node: '330000',
    level: 'provincial',
    today: BUILDER_TODAY,
    nowMs: BUILDER_NOW_MS,
    catalog,
    facts,
    ...overrides,
  };
}
