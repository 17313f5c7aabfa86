import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Effect, MessageKind, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { HubError } from '../domain/errors.js';
import { tellsOfLatePublication } from '../domain/record/late-publication.js';
import type { IntakeObserver } from '../intake/intake.js';
import type { IntakeResult, Submission } from '../intake/submission.js';
import type { NewRefusal } from '../storage/refusals.js';
import type { Settlement } from '../storage/delivery-outcomes.js';
import type { PageObserver } from '../publicity/publicity.js';
import type { CallObserver } from './measured-service.js';

/** Seconds; from a fast answer on loopback to a call that ran into its deadline. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
/** Names of all classes of messages. */
const KINDS = Object.values(MessageKind).filter(
  (kind): kind is keyof typeof MessageKind => typeof kind === 'string' && kind !== 'UNSPECIFIED',
);

/**
 * What a process counts of itself, for Prometheus. Labels are names of RPCs, classes, reasons,
 * rules and nodes: few, known beforehand, and never anything that a message holds (R54). Each node
 * of a process has its own, so that nothing is counted twice.
 */
export class Meter implements IntakeObserver, CallObserver, PageObserver {
  readonly registry = new Registry();
  readonly #shared = { registers: [this.registry] };
  readonly #calls = new Histogram({
    ...this.#shared,
    name: 'hub_rpc_seconds',
    help: '调用耗时 · duration of calls, by result: OK or the reason of the error',
    labelNames: ['service', 'method', 'door', 'result'] as const,
    buckets: SECONDS,
  });
  readonly #internalErrors = new Counter({
    ...this.#shared,
    name: 'hub_internal_errors_total',
    help: '系统内部错误 · calls that ended in an internal error',
  });
  readonly #pages = new Histogram({
    ...this.#shared,
    name: 'hub_page_seconds',
    help: '公示页 · publicity pages answered and how long they took, by kind of page and HTTP status',
    labelNames: ['page', 'status'] as const,
    buckets: SECONDS,
  });
  readonly #accepted = new Counter({
    ...this.#shared,
    name: 'hub_accepted_total',
    help: '受理的消息 · messages accepted, by class, effect and whether they were there before',
    labelNames: ['kind', 'effect', 'duplicate'] as const,
  });
  readonly #refused = new Counter({
    ...this.#shared,
    name: 'hub_refused_total',
    help: '拒绝的消息 · messages refused, by class and reason',
    labelNames: ['kind', 'reason'] as const,
  });
  readonly #rules = new Counter({
    ...this.#shared,
    name: 'hub_rule_findings_total',
    help: '违反的校验规则 · errors of refused messages, by validation rule',
    labelNames: ['rule'] as const,
  });
  readonly #routed = new Counter({
    ...this.#shared,
    name: 'hub_routed_total',
    help: '路由 · deliveries of accepted messages, by destination and clause; open, or held back (R54)',
    labelNames: ['destination', 'rule', 'state'] as const,
  });
  readonly #publishedLate = new Counter({
    ...this.#shared,
    name: 'hub_published_late_total',
    help: '超期公示 · registrations and records that the national node could publish only after 20 working days, by province and class (VR31)',
    labelNames: ['province', 'kind'] as const,
  });
  readonly #batchSize = new Histogram({
    ...this.#shared,
    name: 'hub_commit_batch_size',
    help: '成组提交大小 · messages committed by one transaction',
    buckets: SIZES,
  });
  readonly #commitSeconds = new Histogram({
    ...this.#shared,
    name: 'hub_commit_seconds',
    help: '提交耗时 · seconds of a committing transaction',
    buckets: SECONDS,
  });
  readonly #delivered = new Counter({
    ...this.#shared,
    name: 'hub_deliveries_total',
    help: '投递结果 · attempts at deliveries, by destination and what became of them',
    labelNames: ['destination', 'outcome', 'reason'] as const,
  });

  constructor(node: string, process: string) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      ...this.#shared,
      name: 'hub_node_info',
      help: '节点 · the node and the role of this process',
      labelNames: ['node', 'process'] as const,
    }).set({ node, process }, 1);
    this.#beginAtZero();
  }

  /** What alerts ask the increase of: of a series that begins with its first count they see none. */
  #beginAtZero(): void {
    const reason = nameOf(ErrorReason, ErrorReason.NON_PUBLIC_UPWARD);
    const effect = nameOf(Effect, Effect.APPLIED);
    for (const kind of KINDS) {
      this.#refused.inc({ kind, reason }, 0);
      this.#accepted.inc({ kind, effect, duplicate: 'false' }, 0);
    }
  }

  /** A batch went through the database; some of it may have been refused there. */
  committed(batch: readonly Submission[], results: readonly IntakeResult[], seconds: number): void {
    this.#batchSize.observe(batch.length);
    this.#commitSeconds.observe(seconds);
    batch.forEach((submission, index) => {
      const result = results[index];
      const kind = nameOf(MessageKind, submission.head.kind);
      if (result?.ok) this.#countAccepted(kind, result, submission.arrival.origin);
      else if (result) this.#countRefused(kind, result.error);
    });
  }

  #countAccepted(
    kind: string,
    { decision, duplicate }: Extract<IntakeResult, { ok: true }>,
    province: string,
  ): void {
    const effect = nameOf(Effect, decision.effect);
    this.#accepted.inc({ kind, effect, duplicate: String(duplicate) });
    if (duplicate) return;
    for (const { destination, rule, state } of decision.deliveries)
      this.#routed.inc({ destination, rule, state });
    if (decision.warnings.some(tellsOfLatePublication)) this.#publishedLate.inc({ province, kind });
  }

  #countRefused(kind: string, { reason, details }: HubError): void {
    this.#refused.inc({ kind, reason: nameOf(ErrorReason, reason) });
    const errors = details.findings ?? [];
    const rules = errors.filter((one) => one.severity === Severity.ERROR).map((one) => one.rule);
    for (const rule of new Set(rules)) this.#rules.inc({ rule });
  }

  /** A message was refused before it reached the database. */
  refused({ kind, reason, rules }: NewRefusal): void {
    this.#refused.inc({ kind: nameOf(MessageKind, kind), reason: nameOf(ErrorReason, reason) });
    for (const rule of new Set(rules)) this.#rules.inc({ rule });
  }

  /** A call ended; `result` is OK or the name of an ErrorReason. */
  called(service: string, method: string, door: string, result: string, seconds: number): void {
    this.#calls.observe({ service, method, door, result }, seconds);
    if (result === nameOf(ErrorReason, ErrorReason.INTERNAL)) this.#internalErrors.inc();
  }

  /** A publicity page was answered. */
  viewed(page: string, status: number, seconds: number): void {
    this.#pages.observe({ page, status: String(status) }, seconds);
  }

  /** What became of an attempt at deliveries. */
  settled(destination: string, settlements: readonly Settlement[]): void {
    for (const settlement of settlements) {
      const reason = 'reason' in settlement ? nameOf(ErrorReason, settlement.reason) : '';
      this.#delivered.inc({ destination, outcome: settlement.state, reason });
    }
  }
}

/** Name of an enum value; numbers that others made up share one name, so that labels stay few. */
function nameOf(names: Readonly<Record<number, string>>, value: number): string {
  return names[value] ?? 'UNKNOWN';
}
