import type { ExpectedEnterprise, ExpectedRecord } from './expectation.js';
import { furtherNodesOf, type Evidence, type NodeView } from './evidence.js';
import type { HeldRecord } from './holdings.js';

/** What was acknowledged and is not where it must be, a line each. */
export function findLosses(evidence: Evidence): string[] {
  return [
    ...refusals(evidence),
    ...missingMessages(evidence),
    ...undelivered(evidence),
    ...[...evidence.expectation.enterprises.values()].flatMap((one) =>
      enterpriseLosses(one, evidence),
    ),
    ...[...evidence.expectation.records.values()].flatMap((one) => recordLosses(one, evidence)),
  ];
}

/** All messages are valid: one that is refused lacks something that was acknowledged before it. */
function refusals({ history }: Evidence): string[] {
  return history.refused.map(({ messageId, reason }) => `${messageId} refused for good: ${reason}`);
}

function missingMessages(evidence: Evidence): string[] {
  return evidence.effective.flatMap((sent) => {
    const { messageId, at } = sent;
    const own = evidence.nodes.get(at)?.messages.has(messageId) ? [] : [at];
    const further = furtherNodesOf(sent, evidence).filter(
      (node) => evidence.nodes.get(node)?.messages.get(messageId)?.hasContent !== true,
    );
    return [...own, ...further].map((node) => `${messageId} (${sent.deed.type}) not at ${node}`);
  });
}

function undelivered({ nodes }: Evidence): string[] {
  return [...nodes.values()].flatMap(({ holdings }) =>
    holdings.deliveries
      .filter(({ state }) => state === 'open' || state === 'dead')
      .map(
        ({ messageSeq, destination, state, lastError }) =>
          `delivery of ${holdings.node}-${messageSeq} to ${destination} is ${state}: ${lastError}`,
      ),
  );
}

function enterpriseLosses({ uscc, home, names }: ExpectedEnterprise, evidence: Evidence): string[] {
  return [evidence.nodes.get(home), evidence.national].flatMap((view) => {
    const held = view?.enterprises.get(uscc);
    const known = new Set(held ? [held.name, ...held.formerNames] : []);
    return [...new Set(names)]
      .filter((name) => !known.has(name))
      .map((name) => `${uscc} at ${view?.holdings.node ?? home} never was called ${name}`);
  });
}

function recordLosses(expected: ExpectedRecord, evidence: Evidence): string[] {
  const { record, at, home, nonPublic } = expected;
  const own = evidence.nodes.get(at);
  const held = own?.records.get(record);
  const problems = held ? stateProblems(expected, held) : ['is not held'];
  const elsewhere = nonPublic
    ? []
    : [...new Set([evidence.nodes.get(home), evidence.national])]
        .filter((view) => view !== undefined)
        .filter((view) => !isShown(expected, view))
        .map(
          (view) => `is not current and named at ${view.holdings.node}, ${heldAs(expected, view)}`,
        );
  return [...problems, ...elsewhere].map((problem) => `record ${record} of ${at} ${problem}`);
}

function stateProblems(expected: ExpectedRecord, held: HeldRecord): string[] {
  return [
    ...(held.state === 'current' ? [] : [`is ${held.state}`]),
    ...(held.nonPublic === expected.nonPublic ? [] : ['has lost a change of its mark']),
    ...(held.version >= expected.version ? [] : ['has lost a version']),
    ...(held.changeVersion >= expected.changeVersion ? [] : ['has lost a change of its mark']),
  ];
}

/** What a node holds instead. */
function heldAs({ record, version }: ExpectedRecord, { records }: NodeView): string {
  const held = records.get(record);
  if (!held) return 'which holds nothing of it';
  const mark = held.nonPublic ? 'marked' : 'unmarked';
  const naming = held.named ? 'named' : 'unnamed';
  return `but ${held.state}, ${mark}, ${naming}, version ${held.version} of ${version}`;
}

function isShown({ record, version }: ExpectedRecord, { records }: NodeView): boolean {
  const held = records.get(record);
  return held?.state === 'current' && held.named && !held.nonPublic && held.version >= version;
}
