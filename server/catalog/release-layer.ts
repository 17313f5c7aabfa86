import { CENTRAL_LAYER } from '../domain/catalog/layer.js';

const PROVINCE = /^PROVINCE:(\d{6})$/;

/**
 * Layer of a `release` table: `CENTRAL` or 总局, `PROVINCE:330000`, or the code itself. Anything else
 * comes back as it is, for the check to refuse (R25).
 */
export function releaseLayer(written: string): string {
  if (written.toUpperCase() === 'CENTRAL' || written === '总局') return CENTRAL_LAYER;
  return PROVINCE.exec(written.toUpperCase())?.[1] ?? written;
}
