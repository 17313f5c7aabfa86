import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGrpcHub } from '../../clients/grpc-hub.js';
import type { Hub } from '../../clients/hub.js';
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
