/** The value below which a share of the values lies, by linear interpolation; NaN when there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest and the largest value. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  return [quantile(values, 0), quantile(values, 1)];
}
