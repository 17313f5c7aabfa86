import type { DescService } from '@bufbuild/protobuf';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import type { Services } from '../../conformance/check.js';
import { HubError } from '../../server/domain/errors.js';
import type { BoundService } from '../../server/doors/service.js';
import { bindSome, startNode } from '../doors/node.js';
import { falsified, type Lie } from './falsifier.js';

/** A port behind which a node is asked and some of its answers are falsified; closed with the test. */
export async function startLyingNode(services: Services, lie: Lie): Promise<string> {
  const lying = falsified(services, lie);
  const { address } = await startNode([
    passOn(ScopeCatalog, lying.scopeCatalog),
    passOn(Registration, lying.registration),
    passOn(Exchange, lying.exchange),
    passOn(DataCenter, lying.dataCenter),
  ]);
  return address;
}

function passOn(service: DescService, client: object): BoundService {
  const calls = client as Readonly<Record<string, (request: unknown) => Promise<unknown>>>;
  const single = service.methods.filter(({ methodKind }) => methodKind === 'unary');
  const methods = single.map(({ localName }) => [
    localName,
    (request: unknown) => calls[localName]?.(request).catch(passError),
  ]);
  return bindSome(service, Object.fromEntries(methods) as Parameters<typeof bindSome>[1]);
}

function passError(error: unknown): never {
  if (!(error instanceof HubClientError) || error.reason === undefined) throw error;
  const text = { zh: error.messageZh, en: error.messageEn };
  throw new HubError(ErrorReason[error.reason], text, { findings: [...error.findings] });
}
