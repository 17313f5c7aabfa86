import type { Evidence } from './evidence.js';

/** What is at the national node though it is marked as not public (R54, R55), a line each. */
export function findLeaks(evidence: Evidence): string[] {
  return [...heldRecords(evidence), ...heldContent(evidence), ...secretText(evidence)];
}

/** Only a tombstone may be there. */
function heldRecords({ expectation, national }: Evidence): string[] {
  const { node } = national.holdings;
  return [...expectation.records.values()]
    .filter(({ record, at, nonPublic }) => {
      const held = national.records.get(record);
      return nonPublic && at !== node && held !== undefined && held.state !== 'withdrawn';
    })
    .map(({ record }) => `record ${record} is at the national node`);
}

/** Every version must be gone, not only the current one. */
function heldContent({ effective, expectation, national }: Evidence): string[] {
  return effective.flatMap(({ messageId, at, deed }) => {
    if (deed.type !== 'record' || at === national.holdings.node) return [];
    if (!expectation.records.get(deed.record)?.nonPublic) return [];
    const leaked = national.messages.get(messageId)?.hasContent === true;
    return leaked ? [`content of ${messageId} is at the national node`] : [];
  });
}

function secretText({ national }: Evidence): string[] {
  return national.holdings.secretPlaces.map((place) => `text that was never public is in ${place}`);
}
