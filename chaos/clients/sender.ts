import { setTimeout as pause } from 'node:timers/promises';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { Effect, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import type { VerifyingKey } from '../../server/signing/keys.js';
import type { Refused, Sent, Told } from '../oracle/history.js';
import { signatureProblemOf } from '../proofs.js';
import type { Random } from '../random.js';
import type { NodeCode } from '../stage/places.js';
import type { HubApi } from './hub-api.js';
import { post, type Letter } from './letter.js';

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
    const { sent, to, content } = letter;
    if (!this.#known.has(sent.messageId)) {
      this.#known.add(sent.messageId);
      this.sent.push(sent);
    }
    while (!signal.aborted) {
      try {
        const options = { timeoutMs: CALL_LIMIT_MS, signal };
        const receipt = await post(content, random.pick(this.apis(to)), options);
        this.told.push(toldOf(receipt, this.keys.get(to) ?? []));
        this.#accepted.add(receipt.messageId);
        return true;
      } catch (error) {
        if (!this.#isPassing(error)) {
          this.refused.push({ messageId: sent.messageId, reason: reasonOf(error) });
          return false;
        }
        await pause(random.between(50, 600));
      }
    }
    return false;
  }

  #isPassing(error: unknown): boolean {
    if (!(error instanceof HubClientError)) throw error;
    const name = error.reason ?? error.codeName;
    this.passing.set(name, (this.passing.get(name) ?? 0) + 1);
    return PASSING.has(error.codeName);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof HubClientError)) return String(error);
  const rules = error.findings.map(({ rule, field, code }) => `${rule} ${field} ${code}`);
  return [error.message, ...rules].join('; ');
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
