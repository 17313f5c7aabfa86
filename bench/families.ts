import { accepting } from './measures/accepting.js';
import { delivering } from './measures/delivering.js';
import type { Family } from './measure.js';

/** Everything that is measured, in the order in which it runs. */
export const FAMILIES: readonly Family[] = [accepting, delivering];
