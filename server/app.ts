import { file_google_rpc_error_details } from '#gen/google/rpc/error_details_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { guardAccess } from './access/guard.js';
import type { Identify } from './access/identity.js';
import { CallerLimits, type CallerLimitOptions } from './doors/caller-limits.js';
import type { ConnectionLimits } from './doors/connection-limits.js';
import { recordReads, type ReadJournal } from './audit/reads.js';
import { createConsole } from './doors/console.js';
import type { LogDefect } from './doors/errors.js';
import { createFront, type Front, type FrontTls } from './doors/front.js';
import { createGrpcDoor } from './doors/grpc.js';
import { HalfReceived } from './doors/half-received.js';
import { createHealth, type HealthHandle } from './doors/health.js';
import { createHttpDoor } from './doors/http.js';
import type { Pages } from './doors/pages.js';
import { createReflection } from './doors/reflection.js';
import { bindService, methodsOf, type BoundService } from './doors/service.js';
import { blameUnfitInput } from './doors/unfit-input.js';
import { measured, type CallObserver } from './metrics/measured-service.js';
import { createPublicity, type PageObserver, type PublicityParts } from './publicity/publicity.js';
import { asPublic } from './publicity/visitor.js';
import { createDataCenter, type DataCenterParts } from './services/data-center.js';
import { createExchange, type ExchangeParts } from './services/exchange.js';
import { createRegistration, type RegistrationParts } from './services/registration.js';
import type { Tracing } from './tracing/tracing.js';
import { createScopeCatalog, type ScopeCatalogDeps } from './services/scope-catalog.js';

/** Everything the services of a node need, and how the port is opened. */
export interface AppParts {
  readonly catalog: ScopeCatalogDeps;
  readonly registration: RegistrationParts;
  readonly exchange: ExchangeParts;
  readonly dataCenter: DataCenterParts;
  /** Records who read what of others. */
  readonly reads: Pick<ReadJournal, 'record'>;
  readonly tls: FrontTls | undefined;
  /** Tells who calls. */
  readonly identify: Identify;
  readonly logDefect: LogDefect;
  /** Answers requests over HTTP/1.1 that must come no further. Unset: all may. */
  readonly gate: Pages | undefined;
  /** What each caller may do; health checks do not count. */
  readonly callers: CallerLimitOptions;
  readonly connections: ConnectionLimits;
  /** Pages with the node's queues. */
  readonly queues: Pages;
  readonly publicity: Pick<PublicityParts, 'names' | 'today' | 'perMinute'>;
  /** Told how long each call took. */
  readonly calls: CallObserver;
  /** Told of each publicity page. */
  readonly views: PageObserver;
  /** Makes a span of each call. Unset: nobody traces. */
  readonly tracing: Pick<Tracing, 'traced'> | undefined;
}

/** The services behind their doors; nothing listens yet. */
export interface App {
  readonly front: Front;
  readonly health: HealthHandle;
}

/** Composes a node in one screen: four services, one implementation each, bound to both doors. */
export function createApp(parts: AppParts): App {
  const guarded = (service: BoundService): BoundService => guardAccess(service, parts.identify);
  const watched = (service: BoundService): BoundService =>
    parts.tracing?.traced(service) ?? service;
  const limits = new CallerLimits(parts.callers);
  const dataCenter = bindService(DataCenter, createDataCenter(parts.dataCenter));
  const services = [
    bindService(ScopeCatalog, createScopeCatalog(parts.catalog)),
    bindService(Registration, createRegistration(parts.registration)),
    bindService(Exchange, createExchange(parts.exchange)),
    dataCenter,
  ].map((service) =>
    watched(
      measured(
        guarded(limits.guard(recordReads(blameUnfitInput(service), parts.reads))),
        parts.calls,
      ),
    ),
  );
  const health = createHealth(services);
  const described = [...services, guarded(health.bound)];
  const reflection = createReflection(described, [file_google_rpc_error_details]);
  const all = [...described, ...reflection.map((service) => guarded(limits.guard(service)))];
  const options = { log: parts.logDefect, halfReceived: new HalfReceived() };
  const publicity = createPublicity({
    ...parts.publicity,
    node: parts.dataCenter.node,
    queries: methodsOf(DataCenter, guardAccess(blameUnfitInput(dataCenter), asPublic)),
    identify: parts.identify,
    views: parts.views,
    log: parts.logDefect,
  });
  const front = createFront({
    grpc: createGrpcDoor(all, options),
    // The publicity pages come last: they answer a browser wherever it goes.
    http: createHttpDoor(all, {
      ...options,
      gate: parts.gate,
      pages: [parts.queues, createConsole(), publicity],
    }),
    tls: parts.tls,
    connections: parts.connections,
  });
  return { front, health };
}
