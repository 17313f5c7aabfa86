import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { bindSome, startNode } from '../doors/node.js';

const echo = bindSome(Registration, {
  getEnterprise: async ({ uscc }) => ({ enterprise: { uscc } }),
});

describe('a gRPC client', () => {
  test.each(['', 'http://'])('takes an address beginning with "%s"', async (scheme) => {
    const { address } = await startNode([echo]);
    const client = createGrpcClient(Registration, `${scheme}${address}`);
    onTestFinished(() => client.close());
    expect((await client.getEnterprise({ uscc: 'x' })).enterprise?.uscc).toBe('x');
  });

  test('makes its connection again after the hub was gone', async () => {
    const first = await startNode([echo]);
    const client = createGrpcClient(Registration, first.address, {
      channelOptions: { 'grpc.initial_reconnect_backoff_ms': 100 },
    });
    onTestFinished(() => client.close());
    await client.getEnterprise({});
    await first.front.close(0);
    await expect(client.getEnterprise({})).rejects.toMatchObject({ codeName: 'UNAVAILABLE' });
    const second = await startNode([echo], { port: first.port });
    expect(second.port).toBe(first.port);
    const answer = async (attempts: number): Promise<unknown> =>
      client.getEnterprise({ uscc: 'y' }).catch(async (error: unknown) => {
        if (attempts === 0) throw error;
        await delay(100);
        return answer(attempts - 1);
      });
    expect(await answer(50)).toMatchObject({ enterprise: { uscc: 'y' } });
  });

  test('calls a hub UNAVAILABLE that ends before it has said anything', async () => {
    const server = createServer().on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.close(constants.NGHTTP2_NO_ERROR);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = createGrpcClient(
      Registration,
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    onTestFinished(() => {
      client.close();
      server.close();
    });
    await expect(client.getEnterprise({})).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
      message: expect.stringContaining('Call ended without gRPC status') as unknown,
    });
  });

  test('refuses an answer that is larger than it may be', async () => {
    const { address } = await startNode([echo]);
    const client = createGrpcClient(Registration, address, { maxMessageBytes: 1000 });
    onTestFinished(() => client.close());
    await expect(client.getEnterprise({ uscc: 'x'.repeat(2000) })).rejects.toMatchObject({
      codeName: 'RESOURCE_EXHAUSTED',
    });
  });

  test('does not call at all when its signal is aborted already', async () => {
    const { address } = await startNode([echo]);
    const client = createGrpcClient(Registration, address);
    onTestFinished(() => client.close());
    await expect(client.getEnterprise({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      codeName: 'CANCELLED',
    });
  });
});

describe.each(['gRPC', 'Connect'])('a client of a hub that is not there: %s', (door) => {
  test('fails with UNAVAILABLE', async () => {
    const { address, url, front } = await startNode([echo]);
    await front.close(0);
    const grpc = createGrpcClient(Registration, address);
    onTestFinished(() => grpc.close());
    const client = door === 'gRPC' ? grpc : createConnectClient(Registration, url);
    await expect(client.getEnterprise({})).rejects.toMatchObject({
      name: 'HubClientError',
      codeName: 'UNAVAILABLE',
      reason: undefined,
    });
  });
});
