import type { Finding, ReceiptProof } from '#gen/zhengzhao/v1/common_pb.js';
import type { Arrival, Decision } from '../domain/decision/decision.js';
import type { HubError } from '../domain/errors.js';
import type { Message, MessageHead, RecordKey } from '../domain/message.js';
import type { RecordState } from '../domain/record/record-state.js';
import type { StoredHop } from '../storage/messages.js';

/** A decoded and validated message that asks to be accepted. */
export interface Submission {
  readonly head: MessageHead;
  /** Undefined for a withdrawal, which has no content. */
  readonly message: Message | undefined;
  /** The record that a withdrawal is about. */
  readonly withdrawn: RecordKey | undefined;
  /** Canonical bytes, stored and forwarded as they are. */
  readonly payload: Uint8Array;
  /** The payload was rewritten on the way here, so that the digest is not its own (D5). */
  readonly redacted: boolean;
  /** SHA-256 of the original message; empty for a withdrawal. */
  readonly digest: Uint8Array;
  readonly arrival: Arrival;
  readonly hops: readonly StoredHop[];
  readonly warnings: readonly Finding[];
  /** The same for all deliveries of one enterprise; empty for a withdrawal, which waits for nobody. */
  readonly orderKey: string;
  /** Deliveries of one call share it: a refused one blocks later ones with its order key (D14). */
  readonly call: symbol;
}

/** The facts of an accepted message that its receipt states. */
export interface Accepted {
  readonly ok: true;
  readonly seq: number;
  readonly digest: Uint8Array;
  readonly acceptedAtMs: number;
  readonly duplicate: boolean;
  /** Signature of its receipt. Undefined: accepted before receipts were signed. */
  readonly proof: ReceiptProof | undefined;
  readonly decision: Decision;
  readonly warnings: readonly Finding[];
  /** State of the record afterwards, for the sender's A5. */
  readonly record: RecordState | undefined;
}

/** Why a message was not accepted. */
export interface Refused {
  readonly ok: false;
  readonly error: HubError;
}

export type IntakeResult = Accepted | Refused;
