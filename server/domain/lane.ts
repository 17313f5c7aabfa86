/** Lanes per destination: order is kept in a lane, lanes run side by side (D14). */
export const LANES = 16;

/** Lane of an enterprise: FNV-1a, so that every process and every restart agrees. */
export function laneOf(entity: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < entity.length; index += 1) {
    hash ^= entity.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % LANES;
}
