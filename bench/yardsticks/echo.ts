import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { startChild, yardstickProgram } from '../stage/child.js';

/** The bare grpc-js server, and the client that the hub is called with too. */
export interface Echo {
  readonly pid: number;
  readonly client: GrpcClient<typeof Registration>;
  stop(): Promise<void>;
}

/** Starts it. */
export async function startEcho(): Promise<Echo> {
  const program = yardstickProgram('bench/yardsticks/echo-server.ts');
  const child = await startChild(program, /^port (\d+)$/);
  const client = createGrpcClient(Registration, `127.0.0.1:${child.caught[0] ?? ''}`);
  return {
    pid: child.pid,
    client,
    stop: async () => {
      client.close();
      await child.stop();
    },
  };
}
