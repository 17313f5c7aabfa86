import type { Evidence } from './evidence.js';
import type { Sent, Told } from './history.js';

/** Receipts that do not state what is so, a line each. */
export function findBadReceipts(evidence: Evidence): string[] {
  const sent = new Map(evidence.history.sent.map((one) => [one.messageId, one]));
  const problems = evidence.history.told.flatMap((told) =>
    problemsOf(told, sent.get(told.messageId), evidence).map(
      (problem) => `receipt ${told.receiptNo} of ${told.messageId}: ${problem}`,
    ),
  );
  return [...problems, ...differing(evidence), ...shared(evidence)];
}

function problemsOf(told: Told, sent: Sent | undefined, { nodes }: Evidence): string[] {
  if (!sent) return ['nobody sent this message'];
  const held = nodes.get(sent.at)?.messages.get(told.messageId);
  const claims: [boolean, string][] = [
    [told.node === sent.at && told.sourceNode === sent.at, 'names another node'],
    [told.digest === sent.digest, 'its digest is not that of the message'],
    [!held || held.digest === told.digest, 'its digest is not the stored one'],
    [!held || told.receiptNo === `${sent.at}-${held.seq}`, 'its number is not the stored one'],
    [!held || told.acceptedAtMs === held.acceptedAtMs, 'its time is not the stored one'],
    [told.signatureProblem === '', told.signatureProblem],
  ];
  return claims.filter(([holds]) => !holds).map(([, problem]) => problem);
}

/** The same message always gets the same receipt. */
function differing({ told }: Evidence): string[] {
  return [...told].flatMap(([messageId, [first, ...others]]) =>
    others.some((other) => first && factsOf(other) !== factsOf(first))
      ? [`${messageId} was given different receipts`]
      : [],
  );
}

function factsOf({ receiptNo, digest, acceptedAtMs, effect }: Told): string {
  return [receiptNo, digest, acceptedAtMs, effect].join('/');
}

/** Two messages never share a receipt. */
function shared({ history }: Evidence): string[] {
  const owners = new Map<string, string>();
  return history.told.flatMap(({ receiptNo, messageId }) => {
    const owner = owners.get(receiptNo) ?? messageId;
    owners.set(receiptNo, owner);
    return owner === messageId ? [] : [`receipt ${receiptNo} was given to two messages`];
  });
}
