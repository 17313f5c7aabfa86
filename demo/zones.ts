import type { Subject } from './plan.js';

/** A free-trade zone with one of its areas, as the reference tables name them. */
export interface Zone {
  readonly ftz: string;
  readonly ftzArea: string;
}

/** Domiciles that the demo's registrar takes to lie in a free-trade zone (R43). */
const ZONES: readonly (Zone & { readonly word: string })[] = [
  { word: '南沙', ftz: '中国(广东)自由贸易试验区', ftzArea: '广州南沙新区片区' },
  { word: '横琴', ftz: '中国(广东)自由贸易试验区', ftzArea: '珠海横琴新区片区' },
  { word: '前海', ftz: '中国(广东)自由贸易试验区', ftzArea: '深圳前海蛇口片区' },
];

/** The zone in which an enterprise is; undefined: in none. */
export function zoneOf({ event }: Pick<Subject, 'event'>): Zone | undefined {
  return ZONES.find(({ word }) => event.dom.includes(word));
}
