/** The layer of the national catalogue, issued by 总局 and read-only for provinces (R25). */
export const CENTRAL_LAYER = '100000';

/** Whether the text names a layer: `100000` or a province's six-digit node code (R25). */
export function isLayer(layer: string): boolean {
  return layer === CENTRAL_LAYER || /^[1-8]\d0000$/.test(layer);
}
