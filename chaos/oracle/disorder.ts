import { furtherNodesOf, type Evidence, type NodeView } from './evidence.js';
import type { ExpectedEnterprise } from './expectation.js';

/** What came or took effect in another order than it was sent for its enterprise (D14), a line each. */
export function findDisorder(evidence: Evidence): string[] {
  return [...staleReceipts(evidence), ...overtaken(evidence), ...wrongState(evidence)];
}

/** A client sends an enterprise's messages one by one: none of them can be older than what is held. */
function staleReceipts({ history }: Evidence): string[] {
  return history.told
    .filter(({ effect }) => effect === 'STALE')
    .map(({ messageId, node }) => `${messageId} was stale at ${node}`);
}

/**
 * Messages of one enterprise that were sent to one node take the same way: everywhere they must be
 * stored as sent. Those of records that were marked at some time are left out: clearing a mark
 * sends an old message anew.
 */
function overtaken(evidence: Evidence): string[] {
  const last = new Map<string, { readonly seq: number; readonly messageId: string }>();
  return evidence.effective.flatMap((sent) => {
    const { deed, messageId, at, enterprise } = sent;
    if (deed.type !== 'registration' && marked(deed.record, evidence)) return [];
    return [at, ...furtherNodesOf(sent, evidence)].flatMap((node) => {
      const seq = evidence.nodes.get(node)?.messages.get(messageId)?.seq;
      if (seq === undefined) return [];
      const way = [enterprise, at, node].join('/');
      const before = last.get(way);
      last.set(way, { seq, messageId });
      return before && seq < before.seq
        ? [`${messageId} before ${before.messageId} at ${node}`]
        : [];
    });
  });
}

function marked(record: string, { expectation }: Evidence): boolean {
  return expectation.records.get(record)?.everMarked ?? false;
}

function wrongState(evidence: Evidence): string[] {
  const { enterprises, records } = evidence.expectation;
  const names = [...enterprises.values()].flatMap((one) =>
    [evidence.nodes.get(one.home), evidence.national].flatMap((view) =>
      view ? wrongNames(one, view) : [],
    ),
  );
  const versions = [...records.values()].flatMap(({ record, at, version, changeVersion }) => {
    const held = evidence.nodes.get(at)?.records.get(record);
    const ahead = held && (held.version > version || held.changeVersion > changeVersion);
    return ahead ? [`record ${record} at ${at} has a version that was not sent last`] : [];
  });
  return [...names, ...versions];
}

/** The names tell in which order the changes took effect. Missing ones are losses, not disorder. */
function wrongNames(
  { uscc, names }: ExpectedEnterprise,
  { holdings, enterprises }: NodeView,
): string[] {
  const held = enterprises.get(uscc);
  if (!held) return [];
  const actual = [...held.formerNames].reverse().concat(held.name);
  const order = names.filter((name) => actual.includes(name));
  const same = actual.filter((name) => names.includes(name)).join('\n') === order.join('\n');
  return same ? [] : [`names of ${uscc} at ${holdings.node} are not in the order sent`];
}
