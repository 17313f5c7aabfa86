import type { Evidence, NodeView } from './evidence.js';

/** What took effect more than once, a line each. */
export function findRepetitions(evidence: Evidence): string[] {
  return [
    ...[...evidence.nodes.values()].flatMap(doubledRows),
    ...acceptedTwice(evidence),
    ...markedTwice(evidence),
  ];
}

function doubledRows({ holdings }: NodeView): string[] {
  const messages = holdings.messages.map((m) => `message ${m.sourceNode}/${m.messageId}`);
  const packages = holdings.packages.map((p) => `package ${p.messageSeq} for ${p.department}`);
  const deliveries = holdings.deliveries.map(
    (d) => `delivery ${d.messageSeq} to ${d.destination} by ${d.rule}, ${d.action}/${d.revision}`,
  );
  return [...messages, ...packages, ...deliveries]
    .filter(isRepeated())
    .map((name) => `${name} is there again at ${holdings.node}`);
}

/** True for every value that was seen before. */
function isRepeated(): (value: string) => boolean {
  const seen = new Set<string>();
  return (value) => seen.has(value) || !seen.add(value);
}

/** At most one receipt of a message says that it was new. */
function acceptedTwice({ told }: Evidence): string[] {
  return [...told].flatMap(([messageId, receipts]) =>
    receipts
      .filter((receipt) => !receipt.duplicate)
      .slice(1)
      .map((receipt) => `${messageId} was accepted as new again: ${receipt.receiptNo}`),
  );
}

/** The revision counts how often the mark was changed. */
function markedTwice({ expectation, nodes }: Evidence): string[] {
  return [...expectation.records.values()].flatMap(({ record, at, revision }) => {
    const held = nodes.get(at)?.records.get(record)?.revision ?? 0;
    return held > revision ? [`mark of ${record} changed ${held} times, not ${revision}`] : [];
  });
}
