import type { DescService } from '@bufbuild/protobuf';
import { createGrpcClient, type GrpcClient, type GrpcClientOptions } from './grpc.js';
import { hubOver, type Hub } from './hub.js';
import type { PatienceOptions } from './patience.js';

/** Settings of a hub over gRPC. */
export interface GrpcHubOptions extends GrpcClientOptions {
  /** How it waits and repeats. */
  readonly patience?: PatienceOptions;
}

/**
 * The hub at `address` (`host:port`, `http://…` or `https://…`) over gRPC. It connects with the first
 * call; `close` ends the connection.
 */
export function createGrpcHub(address: string, options: GrpcHubOptions = {}): Hub {
  const open = new Map<DescService, GrpcClient<DescService>>();
  return hubOver(
    {
      client: <S extends DescService>(service: S) => {
        const client =
          open.get(service) ?? createGrpcClient<DescService>(service, address, options);
        open.set(service, client);
        return client as GrpcClient<S>;
      },
      streams: true,
      close: () => {
        for (const client of open.values()) client.close();
      },
    },
    options.patience,
  );
}
