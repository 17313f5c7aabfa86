import type { Identify } from '../access/identity.js';
import type { Caller } from '../doors/service.js';
import { anonymous } from '../domain/access/principal.js';

/** Whoever reads a page, and whatever it shows: nobody sees more on it than the public (R54). */
export const asPublic: Identify = () => anonymous('public');

/**
 * Whether a reader is let in: wherever callers that show nothing are. What it shows besides, a
 * certificate or a token, does not count.
 */
export async function letsIn(
  identify: Identify,
  { peer, forwarded = false }: Caller,
): Promise<boolean> {
  const { role } = await identify({ peer, forwarded });
  return role !== 'nobody';
}
