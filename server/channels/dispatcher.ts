import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { backoffMs } from '../delivery/backoff.js';
import { inBoth } from '../domain/errors.js';
import { provenContent } from '../services/data-center/package-form.js';
import { claimDispatches, type ClaimedDispatch } from '../storage/package-dispatch.js';
import { isAddressable } from './archive.js';
import { failureOf, type Carrier } from './carrier.js';
import { endOf, PAUSE_CAP_MS, settle, type Ending } from './settlement.js';

const NO_ADDRESS = inBoth({
  zh: '部门代码不能用于地址',
  en: 'department code can not stand in an address',
});
const DAMAGED = inBoth({ zh: '数据包已损坏', en: 'damaged' });

/** What pushing by one route needs. */
export interface DispatcherParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** Name of the route. */
  readonly route: string;
  readonly carrier: Carrier;
  /** The node's own code. */
  readonly node: string;
  /** Refusals after which a package is a dead letter. */
  readonly maxAttempts: number;
  /** Milliseconds between two looks when nothing was due. */
  readonly intervalMs: number;
  readonly random: () => number;
  readonly now: () => number;
}

/** A running loop. */
export interface Running {
  /** Breaks off what is under way, which is sent again later, and waits for the end. */
  stop(): Promise<void>;
}

/** Time that writing the outcome may take; after it and the attempt the claim is free again. */
const SETTLE_MS = 5_000;

/**
 * Pushes the packages of one route. Each route has a loop of its own over PostgreSQL, so that an
 * endpoint that is slow or down takes nothing from another, nor from the links to other nodes; a
 * regular look is all that wakes it, so there is no wake-up to be lost.
 */
export function startDispatcher(parts: DispatcherParts): Running {
  const stopping = new AbortController();
  const running = new RouteLoop(parts, stopping.signal).run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

class RouteLoop {
  /** Turns in a row in which nothing got through. */
  #failures = 0;

  constructor(
    private readonly parts: DispatcherParts,
    private readonly stopping: AbortSignal,
  ) {}

  async run(): Promise<void> {
    while (!this.stopping.aborted) {
      const pauseMs = await this.#turn().catch((error: unknown) => this.#complain(error));
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: this.stopping }).catch(() => 0);
    }
  }

  #complain(error: unknown): number {
    const { log, route, intervalMs } = this.parts;
    if (!this.stopping.aborted)
      log.warn({ err: error, route }, '推送未完成,稍后再试 / dispatching failed, tried again');
    return intervalMs;
  }

  /** Sends what is due; milliseconds until the next look. While nothing gets through, one probes. */
  async #turn(): Promise<number> {
    const { knex, route, carrier, intervalMs, random } = this.parts;
    const count = this.#failures > 0 ? 1 : carrier.concurrency;
    const leaseMs = carrier.timeoutMs + SETTLE_MS;
    const claimed = await claimDispatches(knex, route, { count, leaseMs });
    if (claimed.length === 0) return intervalMs;
    const endings = await allOf(claimed.map((one) => this.#attempt(one)));
    // What refuses everything is no better than what is away: a gateway that has lost its back end.
    const failed = endings.find((one) => one.kind === 'unreachable' || one.kind === 'refused');
    const passed = endings.some(({ kind }) => kind === 'accepted' || kind === 'placed');
    if (passed) this.#passed();
    else if (failed) this.#missed(failed.error);
    return passed || !failed ? 0 : Math.min(backoffMs(this.#failures, random()), PAUSE_CAP_MS);
  }

  async #attempt(claimed: ClaimedDispatch): Promise<Ending> {
    const { route, maxAttempts, random, now, knex, node, log } = this.parts;
    const ending = await this.#send(claimed);
    const nowMs = now();
    // What stopping broke off says nothing about the other side.
    const past = this.stopping.aborted
      ? { ...claimed, attempts: 0, waitedMs: 0 }
      : { ...claimed, waitedMs: nowMs - claimed.waitsSince.getTime() };
    const end = endOf(ending, past, maxAttempts, random());
    await settle(claimed, end, { knex, node, route, nowMs });
    if (end.state === 'dead')
      log.warn(
        { route, packageId: claimed.packageId, failure: end.error },
        '数据包推送失败 / a package could not be pushed',
      );
    return ending;
  }

  async #send(claimed: ClaimedDispatch): Promise<Ending> {
    const { TERMINATED, REASSIGNED } = PackageStatus;
    if (claimed.status === TERMINATED || claimed.status === REASSIGNED) return { kind: 'dropped' };
    try {
      const outgoing = { claimed, content: provenContent(claimed) };
      if (isAddressable(outgoing)) return await this.parts.carrier.send(outgoing, this.stopping);
      return { kind: 'unfit', error: NO_ADDRESS };
    } catch (error) {
      // A damaged package must never leave (VR29); the text names its id and what does not fit.
      const { log, route } = this.parts;
      log.error({ err: error, route }, '数据包已损坏,未发送 / a damaged package was not sent');
      return { kind: 'unfit', error: `${DAMAGED}: ${failureOf(error)}` };
    }
  }

  #passed(): void {
    const { log, route } = this.parts;
    if (this.#failures > 0)
      log.info({ route }, '推送恢复 / packages get through the channel again');
    this.#failures = 0;
  }

  #missed(failure: string): void {
    const { log, route } = this.parts;
    if (this.#failures === 0 && !this.stopping.aborted)
      log.warn({ route, failure }, '推送失败,稍后重试 / no package gets through the channel');
    this.#failures += 1;
  }
}

/** Waits for all, also when one fails, so that nothing is under way after a stop. */
async function allOf<T>(begun: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(begun);
  return Promise.all(begun);
}
