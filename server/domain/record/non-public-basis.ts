import { isPlaceholder } from '../identifiers/placeholder.js';
import { showsNothing } from '../identifiers/text.js';

/** Whether a 不公示依据 says why a record is not public (R55); 无 and the like, and what shows nothing, do not. */
export function statesBasis(basis: string): boolean {
  return !showsNothing(basis) && !isPlaceholder(basis);
}
