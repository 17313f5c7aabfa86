/**
 * Lanes per destination: order is kept in a lane, lanes run side by side (D14). As many as are worked
 * at the same time: with more, a delivery would wait for the turns of the others before its own.
 */
export const LANES = 4;

/** Lanes to look into: deliveries that earlier versions opened may be in any of these. */
export const LANES_IN_USE = 16;

/** Lane of an enterprise: FNV-1a, so that every process and every restart agrees. */
export function laneOf(entity: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < entity.length; index += 1) {
    hash ^= entity.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % LANES;
}

/** A lane of a destination: what is delivered in order, and is woken when it has work. */
export interface Lane {
  readonly destination: string;
  readonly lane: number;
}

/** The lane of a new delivery. */
export function laneFor({
  destination,
  entity,
}: {
  readonly destination: string;
  readonly entity: string;
}): Lane {
  return { destination, lane: laneOf(entity) };
}
