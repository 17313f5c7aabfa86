import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConnectHub } from '../../clients/connect-hub.js';
import { createGrpcHub } from '../../clients/grpc-hub.js';
import type { Hub } from '../../clients/hub.js';
import { createWebHub } from '../../clients/web-hub.js';
import { testMessageId, validInspection } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { openRelay, type Relay } from '../support/relay.js';

const COUNT = 1200;
const CUTS = [200, 700];

let node: TestNode;
let relay: Relay;
let hub: Hub;

beforeAll(async () => {
  node = await startTestNode({ HUB_REGION: '330000' });
  relay = await openRelay(node.node.port);
  hub = createGrpcHub(`127.0.0.1:${relay.port}`, {
    channelOptions: { 'grpc.initial_reconnect_backoff_ms': 100 },
  });
});
afterAll(async () => {
  hub.close();
  await relay.cut();
  await node.stop();
});

it('R49 a stream over a line that breaks gets one receipt for each record, and each is held once', async () => {
  const inspections = function* () {
    for (let number = 1; number <= COUNT; number += 1) yield validInspection({}, { number });
  };
  const receipts = new Map<string, string>();
  let cuts = 0;
  for await (const settled of hub.submitRecords(inspections())) {
    const id = settled.message.envelope?.messageId ?? '';
    if (!settled.accepted) throw new Error(`${id} was refused: ${settled.refusal.messageEn}`);
    expect(receipts.has(id)).toBe(false);
    receipts.set(id, settled.receipt.receiptNo);
    if (receipts.size !== CUTS[cuts]) continue;
    cuts += 1;
    await relay.cut();
    await relay.mend();
  }
  expect(cuts).toBe(CUTS.length);
  expect(receipts.size).toBe(COUNT);
  expect(new Set(receipts.values()).size).toBe(COUNT);
  const [held] = await node.sql<{ count: string }>('select count(*) from messages');
  expect(Number(held?.count)).toBe(COUNT);
  const { receipt } = await hub.exchange.getMessage({ messageId: testMessageId(6, COUNT) });
  expect(receipt?.receiptNo).toBe(receipts.get(testMessageId(6, COUNT)));
});

describe.each([
  ['Connect', createConnectHub, COUNT + 1],
  ['Connect in a page', createWebHub, COUNT + 2],
])('over %s', (_, createHub, number) => {
  /** A line of its own for each test: connections of the one before would be used again. */
  async function throughRelay() {
    const line = await openRelay(node.node.port);
    onTestFinished(() => line.cut());
    const patience = { random: () => 0, giveUpAfterMs: 30_000 };
    return { line, client: createHub(`http://127.0.0.1:${line.port}`, { patience }) };
  }

  it('a call whose connection breaks is made again', async () => {
    const { line, client } = await throughRelay();
    line.breakNext(2);
    expect((await client.dataCenter.getNodeStatus({})).node).toBe('330000');
    expect(line.taken).toBe(3);
  });

  it('a call whose connection is refused is made again', async () => {
    const { line, client } = await throughRelay();
    await line.cut();
    const asked = client.dataCenter.getNodeStatus({});
    setTimeout(() => void line.mend(), 100);
    expect((await asked).node).toBe('330000');
  });

  it('records get their receipts over a line that breaks', async () => {
    const { line, client } = await throughRelay();
    line.breakNext(2);
    for await (const settled of client.submitRecords([validInspection({}, { number })]))
      expect(settled).toMatchObject({ accepted: true });
    expect(line.taken).toBe(3);
  });

  it('what changes something once is not made again', async () => {
    const { line, client } = await throughRelay();
    line.breakNext(1);
    await expect(client.scopeCatalog.publishCatalog({})).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
      reason: undefined,
    });
    expect(line.taken).toBe(1);
  });
});
