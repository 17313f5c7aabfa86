/** What a message that a client sent does. */
export type Deed =
  | { readonly type: 'registration'; readonly name: string }
  | {
      readonly type: 'record';
      readonly record: string;
      readonly version: number;
      readonly marked: boolean;
    }
  | {
      readonly type: 'mark';
      readonly record: string;
      readonly version: number;
      readonly nonPublic: boolean;
    };

/**
 * A message that a client sent, in the order in which it was sent first. The messages of one
 * enterprise are sent one after the other: the next one only after the answer to the one before.
 */
export interface Sent {
  /** Credit code of the enterprise. */
  readonly enterprise: string;
  /** The province that keeps the enterprise. */
  readonly home: string;
  /** The node that it was sent to, which is also its source node. */
  readonly at: string;
  readonly messageId: string;
  /** SHA-256 that the client itself made, lower-case hex. */
  readonly digest: string;
  readonly deed: Deed;
}

/** A receipt as a client was given it. */
export interface Told {
  readonly messageId: string;
  readonly sourceNode: string;
  readonly receiptNo: string;
  readonly node: string;
  readonly digest: string;
  readonly acceptedAtMs: number;
  /** `STALE`: the node held something newer. */
  readonly effect: 'APPLIED' | 'STALE' | 'WAITING' | 'UNSPECIFIED';
  readonly duplicate: boolean;
  /** What is wrong with its signature; empty when it verifies. */
  readonly signatureProblem: string;
}

/** A message that was refused for good, though all of them are valid. */
export interface Refused {
  readonly messageId: string;
  readonly reason: string;
}

/** Everything that the clients did and were told. */
export interface History {
  readonly sent: readonly Sent[];
  readonly told: readonly Told[];
  readonly refused: readonly Refused[];
}

/** One string per record: class, owner and business key. */
export function recordName(kind: number, ownerOrg: string, businessKey: string): string {
  return `${kind}/${ownerOrg}/${businessKey}`;
}
