import {
  Effect,
  Severity,
  type Finding,
  type SubmissionResult,
} from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import { HubClientError } from '../clients/hub-client-error.js';
import type { Network, NodeCode } from './nodes.js';
import type { ExpectedRefusal, PlannedChange, PlannedRecord, PlannedRegistration } from './plan.js';
import type { Progress } from './progress.js';

/** A message that a node refused, with what it said. */
export interface Refused {
  readonly at: NodeCode;
  readonly expected: ExpectedRefusal;
  readonly reason: string;
  readonly rules: readonly string[];
  readonly messageZh: string;
  readonly messageEn: string;
}

/** What a node answered to one message. */
type Answer =
  | {
      readonly taken: true;
      readonly effect: Effect;
      readonly duplicate: boolean;
      readonly warnings: readonly Finding[];
    }
  | ({ readonly taken: false } & Omit<Refused, 'at' | 'expected'>);

const REGISTRATION_BATCH = 200;
const STREAM_BATCH = 50;

/** Sends what was planned, and notes every answer that is not the expected one. */
export class Sender {
  /** Refused as planned. */
  readonly refused: Refused[] = [];
  /** Answers that differ from the plan. */
  readonly surprises: string[] = [];
  /** Messages that were accepted with warnings. */
  warned = 0;

  constructor(
    private readonly network: Network,
    private readonly progress: Progress,
  ) {}

  /** Registrations in batches, per node in the order planned. */
  async registrations(plans: readonly PlannedRegistration[]): Promise<void> {
    for (const [at, ofNode] of byNode(plans)) {
      for (const batch of chunks(ofNode, REGISTRATION_BATCH)) {
        this.progress.say(`${at} 批量报送登记 ${batch.length} 条`, 'a batch of registrations');
        const { results } = await this.network.of(at).registration.batchSubmitRegistrations({
          registrations: batch.map(({ event }) => event),
        });
        this.#checkAll(batch, results);
      }
    }
  }

  /** Records through one stream per node. */
  async stream(plans: readonly PlannedRecord[]): Promise<void> {
    for (const [at, ofNode] of byNode(plans)) {
      const batches = chunks(ofNode, STREAM_BATCH);
      const results: SubmissionResult[] = [];
      for await (const answer of this.network.of(at).exchange.streamRecords(requests(batches))) {
        results.push(...answer.results);
        this.progress.say(
          `${at} 流式报送记录 ${results.length}/${ofNode.length}`,
          'records streamed',
        );
      }
      this.#checkAll(ofNode, results);
    }
  }

  /** One record by a call of its own. */
  async record(plan: PlannedRecord): Promise<void> {
    this.progress.say(`${plan.at} 报送记录`, 'a record');
    const { exchange } = this.network.of(plan.at);
    this.#check(plan, await answered(() => exchange.submitRecord({ record: plan.record })));
  }

  /** One registration by a call of its own. */
  async registration(plan: PlannedRegistration): Promise<void> {
    this.progress.say(`${plan.at} 报送登记`, 'a registration');
    const { registration } = this.network.of(plan.at);
    const send = () => registration.submitRegistration({ registration: plan.event });
    this.#check(plan, await answered(send));
  }

  /** One change of a not-public mark. */
  async change(plan: PlannedChange): Promise<void> {
    this.progress.say(`${plan.at} 不公示标记变更`, 'a change of the mark');
    const { exchange } = this.network.of(plan.at);
    const send = () => exchange.setRecordPublicity({ change: plan.change });
    this.#check(plan, await answered(send));
  }

  /** Sends a record again as it was: the same receipt must come back, marked as a duplicate. */
  async again(plan: PlannedRecord): Promise<void> {
    const { exchange } = this.network.of(plan.at);
    const answer = await answered(() => exchange.submitRecord({ record: plan.record }));
    if (answer.taken && answer.duplicate) return;
    this.surprises.push(`${plan.at}: 重复报送未识别 · a repeated submission was not recognised`);
  }

  #checkAll(plans: readonly Planned[], results: readonly SubmissionResult[]): void {
    if (results.length !== plans.length)
      this.surprises.push(`${results.length} 个应答,应为 ${plans.length} · answers missing`);
    results.forEach((result, index) => {
      const plan = plans[index];
      if (plan) this.#check(plan, answerOf(result));
    });
  }

  #check(plan: Planned, answer: Answer): void {
    const expected = plan.refusal;
    if (answer.taken) {
      if (answer.warnings.length > 0) this.warned += 1;
      const effect = plan.waits === true ? Effect.WAITING : Effect.APPLIED;
      if (expected) this.#surprise(plan, `应退回 · should be refused: ${expected.en}`);
      else if (answer.effect !== effect)
        this.#surprise(plan, `回执 · receipt ${Effect[answer.effect]}, 应为 ${Effect[effect]}`);
      return;
    }
    const told = `${answer.reason} [${answer.rules.join(' ')}] ${answer.messageZh}`;
    if (!expected) this.#surprise(plan, `意外退回 · refused: ${told}`);
    else if (answer.reason !== expected.reason || !sameRules(answer.rules, expected.rules))
      this.#surprise(
        plan,
        `${told}; 应为 · expected ${expected.reason} [${expected.rules.join(' ')}]`,
      );
    else this.refused.push({ at: plan.at, expected, ...answer });
  }

  #surprise(plan: Planned, text: string): void {
    this.surprises.push(`${plan.at} ${keyOf(plan)}: ${text}`);
  }
}

interface Planned {
  readonly at: NodeCode;
  readonly refusal?: ExpectedRefusal;
  readonly waits?: boolean;
}

function keyOf(plan: Planned): string {
  if ('event' in plan) return (plan as PlannedRegistration).event.entName;
  if ('record' in plan) return (plan as PlannedRecord).record.envelope?.businessKey ?? '';
  return '';
}

function sameRules(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

function rulesOf(findings: readonly Finding[]): string[] {
  const errors = findings.filter(({ severity }) => severity === Severity.ERROR);
  return [...new Set(errors.map(({ rule }) => rule))];
}

function firstError(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ severity }) => severity === Severity.ERROR);
}

function answerOf({ outcome, warnings }: SubmissionResult): Answer {
  if (outcome.case === 'receipt') return { taken: true, ...outcome.value, warnings };
  const { reason = 0, findings = [], messageZh = '', messageEn = '' } = outcome.value ?? {};
  return {
    taken: false,
    reason: ErrorReason[reason] ?? '',
    rules: rulesOf(findings),
    messageZh: firstError(findings)?.messageZh ?? messageZh,
    messageEn: firstError(findings)?.messageEn ?? messageEn,
  };
}

async function answered(
  send: () => Promise<{
    receipt?: { effect: Effect; duplicate: boolean } | undefined;
    warnings: readonly Finding[];
  }>,
): Promise<Answer> {
  try {
    const { receipt, warnings } = await send();
    if (!receipt) throw new Error('A node answered without a receipt.');
    return { taken: true, ...receipt, warnings };
  } catch (error) {
    if (!(error instanceof HubClientError) || !error.reason) throw error;
    return {
      taken: false,
      reason: error.reason,
      rules: rulesOf(error.findings),
      messageZh: firstError(error.findings)?.messageZh ?? error.messageZh,
      messageEn: firstError(error.findings)?.messageEn ?? error.messageEn,
    };
  }
}

async function* requests(
  batches: readonly (readonly PlannedRecord[])[],
): AsyncIterable<{ records: Record[] }> {
  for (const batch of batches) yield { records: batch.map(({ record }) => record) };
}

function byNode<Plan extends { readonly at: NodeCode }>(
  plans: readonly Plan[],
): Map<NodeCode, Plan[]> {
  const groups = new Map<NodeCode, Plan[]>();
  for (const plan of plans) groups.set(plan.at, [...(groups.get(plan.at) ?? []), plan]);
  return groups;
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < values.length; i += size) parts.push(values.slice(i, i + size));
  return parts;
}
