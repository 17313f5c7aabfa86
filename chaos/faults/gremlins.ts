import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, FaultKind, Surroundings } from './fault.js';
import { PROCESS_FAULTS } from './process-faults.js';
import { SERVER_FAULTS } from './server-faults.js';
import { SURROUNDING_FAULTS } from './surrounding-faults.js';

const KINDS: readonly FaultKind[] = [...PROCESS_FAULTS, ...SERVER_FAULTS, ...SURROUNDING_FAULTS];
const TOTAL_WEIGHT = KINDS.reduce((sum, { weight }) => sum + weight, 0);

/** Faults that may last at the same time. */
const GREMLINS = 3;

/** What the gremlins did. */
export interface Mischief {
  kills: number;
  /** How often each fault struck, by its first words without the name of its victim. */
  readonly faults: Map<string, number>;
  last: string;
}

/**
 * Lets several faults at a time happen until the signal comes; then each mends what it broke.
 * `pauseMs`: longest pause of one gremlin between two faults.
 */
export async function unleash(
  around: Surroundings,
  mischief: Mischief,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  const held = new Set<string>();
  const gremlin = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(around.random.between(0, pauseMs), undefined, { signal }).catch(() => undefined);
      const fault = chooseFault(around);
      if (held.has(fault.holds) || signal.aborted) continue;
      held.add(fault.holds);
      try {
        note(fault, mischief);
        // The sum is read after the fault: others count meanwhile.
        const kills = await fault.strike();
        mischief.kills += kills;
      } finally {
        held.delete(fault.holds);
      }
    }
  };
  await Promise.all(Array.from({ length: GREMLINS }, gremlin));
}

function chooseFault(around: Surroundings): Fault {
  let place = around.random.next() * TOTAL_WEIGHT;
  const kind = KINDS.find(({ weight }) => (place -= weight) < 0) ?? KINDS[0];
  if (!kind) throw new Error('There is no fault.');
  return kind.choose(around);
}

function note({ name }: Fault, mischief: Mischief): void {
  mischief.last = name;
  const kind = name.replace(/ [\d→]+(-\w+-\d)?$/, '').replace(/^clock .*/, 'clock');
  mischief.faults.set(kind, (mischief.faults.get(kind) ?? 0) + 1);
}
