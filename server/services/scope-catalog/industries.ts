import type { IndustryFacts } from '../../catalog/search.js';
import type { Industry } from '../../reference/load-reference.js';

const SECTION = /^[A-T]$/;

/** What the search asks of GB/T 4754: names of a class and those it lies in, and who lies in whom. */
export function industryFacts(industries: ReadonlyMap<string, Industry>): IndustryFacts {
  const sectionOf = (code: string): string => industries.get(code)?.section ?? '';
  return {
    namesOf: (code) => {
      const lineage = [code, code.slice(0, 3), code.slice(0, 2), sectionOf(code)];
      return [...new Set(lineage)].flatMap((within) => industries.get(within)?.name ?? []);
    },
    isWithin: (code, ancestor) =>
      SECTION.test(ancestor)
        ? code === ancestor || sectionOf(code) === ancestor
        : code.startsWith(ancestor),
  };
}
