import { setTimeout as pause } from 'node:timers/promises';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Effect, type Receipt, type SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import type { VerifyingKey } from '../../server/signing/keys.js';
import type { Refused, Sent, Told } from '../oracle/history.js';
import { signatureProblemOf } from '../proofs.js';
import type { Random } from '../random.js';
import type { NodeCode } from '../stage/places.js';
import type { HubApi } from './hub-api.js';
import { post, type Letter } from './letter.js';
import { postParcel, type Parcel } from './parcel.js';

const CALL_LIMIT_MS = 15_000;

/** What is worth sending again: the node said so, or nobody answered. */
const PASSING = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED', 'CANCELLED']);

const EFFECTS: Readonly<Record<Effect, Told['effect']>> = {
  [Effect.UNSPECIFIED]: 'UNSPECIFIED',
  [Effect.APPLIED]: 'APPLIED',
  [Effect.STALE]: 'STALE',
  [Effect.WAITING]: 'WAITING',
};

/** Everything that the clients of a run send and are told. */
export class Correspondence {
  readonly sent: Sent[] = [];
  readonly told: Told[] = [];
  readonly refused: Refused[] = [];
  /** Answers by which a client had to try again, by name. */
  readonly passing = new Map<string, number>();
  readonly #known = new Set<string>();
  readonly #accepted = new Set<string>();

  /** `apis`: the processes of a node that take calls; `keys`: what its receipts are verified with. */
  constructor(
    private readonly apis: (node: NodeCode) => readonly HubApi[],
    private readonly keys: ReadonlyMap<NodeCode, readonly VerifyingKey[]>,
  ) {}

  /** Messages of which a client knows that they were accepted. */
  get accepted(): number {
    return this.#accepted.size;
  }

  /** How often a full backlog was the answer. */
  get backlogRefusals(): number {
    return this.passing.get('BACKLOG_FULL') ?? 0;
  }

  /**
   * Sends a message until it is answered for good, as a client does that must not lose it. False:
   * it was refused, or the signal came first and nobody knows whether it was taken.
   */
  async send(letter: Letter, random: Random, signal: AbortSignal): Promise<boolean> {
    const { to, content } = letter;
    this.#note(letter);
    while (!signal.aborted) {
      try {
        const options = { timeoutMs: CALL_LIMIT_MS, signal };
        this.#tell(to, await post(content, random.pick(this.apis(to)), options));
        return true;
      } catch (error) {
        if (!this.#isPassing(error)) return this.#refuse(letter, reasonOf(error));
        await pause(random.between(50, 600));
      }
    }
    return false;
  }

  /** The same for a parcel; what has no answer yet is sent again. Resolves to what was accepted. */
  async sendTogether(
    parcel: Parcel,
    random: Random,
    signal: AbortSignal,
  ): Promise<ReadonlySet<Letter>> {
    parcel.letters.forEach((letter) => {
      this.#note(letter);
    });
    const accepted = new Set<Letter>();
    for (let open = parcel.letters; open.length > 0 && !signal.aborted;) {
      const later: Letter[] = [];
      const unread = [...open];
      try {
        const api = random.pick(this.apis(parcel.to));
        const options = { timeoutMs: CALL_LIMIT_MS, signal };
        for await (const result of postParcel({ ...parcel, letters: open }, api, options)) {
          const letter = unread.shift();
          if (!letter) throw new Error('A node answered more than it was sent.');
          if (this.#answers(result, letter)) accepted.add(letter);
          else if (isPassingRefusal(result)) later.push(letter);
        }
        if (unread.length > 0) throw new Error('A node answered less than it was sent.');
      } catch (error) {
        if (!this.#isPassing(error)) throw error;
      }
      open = [...later, ...unread];
      if (open.length > 0) await pause(random.between(50, 600));
    }
    return accepted;
  }

  /** True: accepted. A refusal that does not pass is noted. */
  #answers({ outcome }: SubmissionResult, letter: Letter): boolean {
    if (outcome.case === 'receipt') {
      this.#tell(letter.to, outcome.value);
      return true;
    }
    if (outcome.case !== 'refusal') throw new Error('A node answered with nothing.');
    if (outcome.value.retryAfterMs > 0n) {
      this.#pass(ErrorReason[outcome.value.reason]);
      return false;
    }
    return this.#refuse(letter, textOf(outcome.value));
  }

  #note({ sent }: Letter): void {
    if (this.#known.has(sent.messageId)) return;
    this.#known.add(sent.messageId);
    this.sent.push(sent);
  }

  #tell(node: NodeCode, receipt: Receipt): void {
    this.told.push(toldOf(receipt, this.keys.get(node) ?? []));
    this.#accepted.add(receipt.messageId);
  }

  #refuse({ sent }: Letter, reason: string): false {
    this.refused.push({ messageId: sent.messageId, reason });
    return false;
  }

  #pass(name: string): void {
    this.passing.set(name, (this.passing.get(name) ?? 0) + 1);
  }

  #isPassing(error: unknown): boolean {
    if (!(error instanceof HubClientError)) throw error;
    this.#pass(error.reason ?? error.codeName);
    return PASSING.has(error.codeName);
  }
}

function isPassingRefusal({ outcome }: SubmissionResult): boolean {
  return outcome.case === 'refusal' && outcome.value.retryAfterMs > 0n;
}

function reasonOf(error: unknown): string {
  return error instanceof HubClientError
    ? textOf({ messageEn: error.message, findings: error.findings })
    : String(error);
}

interface Described {
  readonly messageEn: string;
  readonly findings: HubClientError['findings'];
}

function textOf({ messageEn, findings }: Described): string {
  return [messageEn, ...findings.map(({ rule, field, code }) => `${rule} ${field} ${code}`)].join(
    '; ',
  );
}

function toldOf(receipt: Receipt, keys: readonly VerifyingKey[]): Told {
  return {
    messageId: receipt.messageId,
    sourceNode: receipt.sourceNode,
    receiptNo: receipt.receiptNo,
    node: receipt.node,
    digest: receipt.digest,
    acceptedAtMs: receipt.acceptedAt ? timestampMs(receipt.acceptedAt) : 0,
    effect: EFFECTS[receipt.effect],
    duplicate: receipt.duplicate,
    signatureProblem: signatureProblemOf(receipt, keys),
  };
}
