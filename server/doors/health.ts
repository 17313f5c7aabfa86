import { EventEmitter, once } from 'node:events';
import { Health, HealthCheckResponse_ServingStatus as Status } from '#gen/health/v1/health_pb.js';
import { notFound } from '../domain/errors.js';
import { bindService, type BoundService } from './service.js';

/** gRPC health of a node. */
export interface HealthHandle {
  /** `grpc.health.v1.Health`, for both doors. */
  readonly bound: BoundService;
  /** Whether the node takes calls; watchers are told of each change. Starts as false. */
  setServing(serving: boolean): void;
}

/** Every watcher listens; Node warns of more than ten listeners otherwise. */
const UNLIMITED = 0;

/**
 * Health of the whole node (empty name) and of each of `services`, which are all as healthy as the
 * node. Check answers NOT_FOUND for another name, Watch SERVICE_UNKNOWN, as the protocol demands.
 */
export function createHealth(services: readonly BoundService[]): HealthHandle {
  const names = new Set(['', ...services.map(({ service }) => service.typeName)]);
  const changes = new EventEmitter().setMaxListeners(UNLIMITED);
  let serving = false;
  const status = () => (serving ? Status.SERVING : Status.NOT_SERVING);
  const statusOf = (name: string) => (names.has(name) ? status() : Status.SERVICE_UNKNOWN);
  const bound = bindService(Health, {
    async check({ service }) {
      if (!names.has(service)) throw notFound(`服务 ${service}`, `service ${service}`);
      return { status: status() };
    },
    async list() {
      const statuses = [...names].map((name) => [name, { status: status() }] as const);
      return { statuses: Object.fromEntries(statuses) };
    },
    async *watch({ service }, { signal }) {
      let told: Status | undefined;
      for (;;) {
        const now = statusOf(service);
        if (now !== told) yield { status: now };
        told = now;
        if (statusOf(service) === told) await once(changes, 'change', { signal });
      }
    },
  });
  return {
    bound,
    setServing(next) {
      if (next === serving) return;
      serving = next;
      changes.emit('change');
    },
  };
}
