import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';

/** What the clients call at one process of a node. */
export interface HubApi {
  readonly catalog: GrpcClient<typeof ScopeCatalog>;
  readonly registration: GrpcClient<typeof Registration>;
  readonly exchange: GrpcClient<typeof Exchange>;
  close(): void;
}

/** Connects to a process, and again soon after it was killed. */
export function openApi(port: number): HubApi {
  const address = `127.0.0.1:${port}`;
  const options = {
    channelOptions: {
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 1_000,
    },
  };
  const catalog = createGrpcClient(ScopeCatalog, address, options);
  const registration = createGrpcClient(Registration, address, options);
  const exchange = createGrpcClient(Exchange, address, options);
  return {
    catalog,
    registration,
    exchange,
    close: () => {
      catalog.close();
      registration.close();
      exchange.close();
    },
  };
}
