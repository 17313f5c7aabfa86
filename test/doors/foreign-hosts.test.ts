import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const RPC = `/${DataCenter.typeName}/GetNodeStatus`;

/** What a program gets that names this host, and perhaps an origin, as browsers do. */
function call(
  { node: { port } }: TestNode,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const method = path === RPC ? 'POST' : 'GET';
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => (text += String(chunk)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value);
    sent.setHeader('content-type', 'application/json');
    sent.on('error', reject).end(method === 'POST' ? '{}' : undefined);
  });
}

describe('a node that lets callers that show nothing do everything', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_HOST_NAMES: 'hub.test, Other.test, 数据中心.测试' });
  });
  afterAll(() => node.stop());

  const statusOf = async (headers: Record<string, string>, path = RPC): Promise<number> =>
    (await call(node, path, headers)).status;

  it.each([
    '127.0.0.1:7330',
    'localhost',
    'LOCALHOST:80',
    'localhost.',
    'hub.localhost:7330',
    '[::1]:7330',
    '192.0.2.1',
    'hub.test:7330',
    'other.TEST',
    'xn--fiqq24bpuczsc.xn--0zwm56d',
  ])('is called as %s', async (host) => {
    expect(await statusOf({ host })).toBe(200);
  });

  it.each([
    'rebound.example:7330',
    'localhost.rebound.example',
    '127.0.0.1.rebound.example',
    'xlocalhost',
    'user@rebound.example',
    'a b',
    '',
  ])('is not called as %s by a page whose name leads here', async (host) => {
    for (const path of [RPC, '/', '/console/', '/console/queues/', '/enterprises/x'])
      expect([path, await statusOf({ host }, path)]).toEqual([path, 403]);
  });

  it('is not called from the pages of other sites', async () => {
    const host = `127.0.0.1:${node.node.port}`;
    const ends = [];
    const foreign = ['https://rebound.example', 'null', 'http://203.0.113.5'];
    for (const origin of [...foreign, `http://${host}`, 'http://localhost', 'https://hub.test'])
      ends.push(await statusOf({ host, origin }));
    expect(ends).toEqual([403, 403, 403, 200, 200, 200]);
  });

  it('is called from its own pages by its address in the network', async () => {
    const [host, origin] = ['192.0.2.1:7330', 'http://192.0.2.1:7330'];
    expect(await statusOf({ host, origin })).toBe(200);
  });

  it('says why, in Chinese and English', async () => {
    const { text } = await call(node, RPC, { host: 'rebound.example' });
    expect(text).toContain('HUB_HOST_NAMES 所列名称');
    expect(text).toContain('a name in HUB_HOST_NAMES');
  });
});

it('a node that asks who calls is called by any name', async () => {
  const node = await startTestNode({ HUB_ANONYMOUS: 'public' });
  const { status } = await call(node, '/', { host: 'hub.example', origin: 'https://x.example' });
  await node.stop();
  expect(status).toBe(200);
});
