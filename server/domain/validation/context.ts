import type { CatalogLibrary } from '../catalog/view.js';
import type { Facts } from './facts.js';
import type { MessageFindings } from './message-findings.js';

/** Code of the national node, and of the registration authority 总局 itself (D4). */
export const NATIONAL_NODE = '100000';

/** Everything a judgement depends on besides the message: rules read no clock and no store. */
export interface ValidationContext {
  /** Six-digit code of this node. */
  readonly node: string;
  readonly level: 'national' | 'provincial';
  /** Civil date in Asia/Shanghai (D12). */
  readonly today: string;
  /** The same moment in milliseconds since 1970 UTC. */
  readonly nowMs: number;
  readonly catalog: CatalogLibrary;
  readonly facts: Facts;
  /** The province extends the pilot beyond its zones (R21). Unset: it does not. */
  readonly pilotEverywhere?: boolean;
  /** VR3 as an error. Unset: a warning, because legacy codes fail it. */
  readonly strictOrgCode?: boolean;
}

/** A rule: looks at a message that stands at path `at` (empty or ending in a dot). */
export type Check<M> = (
  message: M,
  at: string,
  context: ValidationContext,
  found: MessageFindings,
) => void;
