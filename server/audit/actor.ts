import { principalName } from '../domain/access/principal.js';
import type { Call } from '../doors/service.js';

/** Who calls, as the audit names it. */
export function actorOf({ principal }: Pick<Call, 'principal'>): string {
  return principalName(principal);
}
