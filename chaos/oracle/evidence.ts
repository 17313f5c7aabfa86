import { expect, type Expectation } from './expectation.js';
import type { History, Sent, Told } from './history.js';
import type { HeldEnterprise, HeldMessage, HeldRecord, Holdings } from './holdings.js';

/** A node's holdings, found by key. */
export interface NodeView {
  readonly holdings: Holdings;
  readonly messages: ReadonlyMap<string, HeldMessage>;
  readonly records: ReadonlyMap<string, HeldRecord>;
  readonly enterprises: ReadonlyMap<string, HeldEnterprise>;
}

/** What was said and what is held, side by side. */
export interface Evidence {
  readonly history: History;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly national: NodeView;
  /** Receipts by message. */
  readonly told: ReadonlyMap<string, readonly Told[]>;
  /** Messages that took effect: the client has a receipt, or its node committed before the client gave up. */
  readonly effective: readonly Sent[];
  readonly expectation: Expectation;
}

/** Puts history and holdings side by side. Throws when there is no national node. */
export function gather(history: History, holdings: readonly Holdings[]): Evidence {
  const nodes = new Map(holdings.map((one) => [one.node, viewOf(one)]));
  const national = [...nodes.values()].find((view) => view.holdings.national);
  if (!national) throw new Error('The holdings of the national node are missing.');
  const told = new Map<string, Told[]>();
  for (const one of history.told)
    told.set(one.messageId, [...(told.get(one.messageId) ?? []), one]);
  const effective = history.sent.filter(
    ({ messageId, at }) => told.has(messageId) || nodes.get(at)?.messages.has(messageId),
  );
  return { history, nodes, national, told, effective, expectation: expect(effective) };
}

function viewOf(holdings: Holdings): NodeView {
  return {
    holdings,
    messages: new Map(holdings.messages.map((message) => [message.messageId, message])),
    records: new Map(holdings.records.map((record) => [record.record, record])),
    enterprises: new Map(holdings.enterprises.map((one) => [one.uscc, one])),
  };
}

/**
 * The nodes besides its own at which a message must be in the end: a registration at the national
 * node (R34), a public record at the national node and at the enterprise's province (R28, R52). Of
 * a record that was ever marked only the current version, and only while it is public (R55, D7).
 */
export function furtherNodesOf(sent: Sent, { expectation, national }: Evidence): string[] {
  const up = national.holdings.node;
  if (sent.deed.type === 'registration') return [up];
  if (sent.deed.type === 'mark') return [];
  const record = expectation.records.get(sent.deed.record);
  if (!record || record.nonPublic) return [];
  if (record.everMarked && record.messageId !== sent.messageId) return [];
  return [...new Set([up, sent.home])].filter((node) => node !== sent.at);
}
