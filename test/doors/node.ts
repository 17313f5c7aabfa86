import type { DescService } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import { HubError } from '../../server/domain/errors.js';
import type { Defect } from '../../server/doors/errors.js';
import type { ConnectionLimits } from '../../server/doors/connection-limits.js';
import { createFront, type Front, type FrontTls } from '../../server/doors/front.js';
import { createGrpcDoor } from '../../server/doors/grpc.js';
import type { HalfReceived } from '../../server/doors/half-received.js';
import { createHttpDoor } from '../../server/doors/http.js';
import type { BoundService, ServiceMethods } from '../../server/doors/service.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { PATIENCE_MS } from '../support/patience.js';

/** A port with doors, and what its log was told. */
export interface TestNode {
  readonly front: Front;
  readonly port: number;
  /** For gRPC clients. */
  readonly address: string;
  /** For HTTP clients. */
  readonly url: string;
  readonly defects: Defect[];
}

export interface TestNodeOptions {
  /** Unset: a free one. */
  readonly port?: number;
  readonly tls?: FrontTls;
  readonly firstBytesMs?: number;
  readonly headersTimeoutMs?: number;
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  readonly requestMs?: number;
  readonly halfReceived?: HalfReceived;
  readonly stallMs?: number;
  readonly idleMs?: number;
  readonly keepaliveMs?: number;
  readonly connections?: ConnectionLimits;
}

/** Starts a port; it is closed with the test. */
export async function startNode(
  services: readonly BoundService[],
  options: TestNodeOptions = {},
): Promise<TestNode> {
  const defects: Defect[] = [];
  const doorOptions = { ...options, log: (defect: Defect) => defects.push(defect) };
  const front = createFront({
    ...options,
    grpc: createGrpcDoor(services, doorOptions),
    http: createHttpDoor(services, doorOptions),
  });
  onTestFinished(() => front.close(0));
  const port = await front.listen('127.0.0.1', options.port ?? 0);
  const address = `localhost:${port}`;
  const scheme = options.tls ? 'https' : 'http';
  return { front, port, address, url: `${scheme}://localhost:${port}`, defects };
}

/** Binds the given methods; the others of the service answer WRONG_LEVEL. */
export function bindSome<S extends DescService>(
  service: S,
  methods: Partial<ServiceMethods<S>>,
): BoundService {
  const absent = () => {
    throw new HubError(ErrorReason.WRONG_LEVEL, { zh: '此处没有。', en: 'Not offered here.' });
  };
  const all = service.methods.map(({ localName }) => [localName, absent] as const);
  return { service, methods: { ...Object.fromEntries(all), ...methods } };
}

/** Waits until `condition` holds, as long as a test's patience lasts. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come to hold');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
