/** What every region code within a region begins with: 330000 → 33, 330100 → 3301; 100000 → everything. */
export function prefixOf(region: string): string {
  return region === '100000' ? '' : region.replace(/(00){1,2}$/, '');
}

/** Whether a region code lies in one of the regions. An empty code lies nowhere. */
export function liesIn(code: string, regions: 'all' | readonly string[]): boolean {
  if (regions === 'all') return true;
  return code !== '' && regions.some((region) => code.startsWith(prefixOf(region)));
}
