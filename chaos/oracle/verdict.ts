import { findDisorder } from './disorder.js';
import { gather } from './evidence.js';
import type { History } from './history.js';
import type { Holdings } from './holdings.js';
import { findLeaks } from './leaks.js';
import { findLosses } from './losses.js';
import { findBadReceipts } from './receipts.js';
import { findRepetitions } from './repetitions.js';

/** Everything that is not as it must be, a line each; all empty when the hub kept its word. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly appliedTwice: readonly string[];
  readonly outOfOrder: readonly string[];
  readonly leaked: readonly string[];
  readonly badReceipts: readonly string[];
  readonly brokenChains: readonly string[];
}

/**
 * Compares what every client was told with what every node holds once all has settled. Pure: it
 * knows neither how the run went nor which faults there were.
 */
export function judge(history: History, holdings: readonly Holdings[]): Verdict {
  const evidence = gather(history, holdings);
  return {
    lost: findLosses(evidence),
    appliedTwice: findRepetitions(evidence),
    outOfOrder: findDisorder(evidence),
    leaked: findLeaks(evidence),
    badReceipts: findBadReceipts(evidence),
    brokenChains: holdings.flatMap(({ node, chainProblems }) =>
      chainProblems.map((problem) => `${node}: ${problem}`),
    ),
  };
}

/** True when nothing was found. */
export function isClean(verdict: Verdict): boolean {
  return Object.values(verdict).every((findings: readonly string[]) => findings.length === 0);
}
