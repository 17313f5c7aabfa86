import { accepting } from './measures/accepting.js';
import { acknowledging } from './measures/acknowledging.js';
import { delivering } from './measures/delivering.js';
import { disclosing } from './measures/disclosing.js';
import { draining } from './measures/draining.js';
import { encrypting } from './measures/encrypting.js';
import { queueing } from './measures/queueing.js';
import { remembering } from './measures/remembering.js';
import { scaling } from './measures/scaling.js';
import { searching } from './measures/searching.js';
import { starting } from './measures/starting.js';
import { storingMillion, storingTenMillion } from './measures/storing.js';
import type { Family } from './measure.js';

/** Everything that is measured, in the order in which it runs. */
export const FAMILIES: readonly Family[] = [
  accepting,
  delivering,
  acknowledging,
  queueing,
  encrypting,
  disclosing,
  searching,
  starting,
  scaling,
  draining,
  remembering,
  storingMillion,
  storingTenMillion,
];
