import { create, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Exchange, StreamRecordsRequestSchema } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createConnectHub } from '../../clients/connect-hub.js';
import { createGrpcHub } from '../../clients/grpc-hub.js';
import type { Hub } from '../../clients/hub.js';
import { testMessageId, validInspection } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const TURNS = 6;

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ HUB_REGION: '330000' });
});
afterAll(() => node.stop());

/** Opens for one turn at a time. */
class Turnstile {
  #open = (): void => undefined;
  #turn = Promise.resolve();

  shut(): void {
    this.#turn = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }

  get passed(): Promise<void> {
    return this.#turn;
  }
}

/** Gives the next number only when the one before has its result. */
async function* inTurns<T>(turnstile: Turnstile, first: number, make: (number: number) => T) {
  for (let number = first; number < first + TURNS; number += 1) {
    turnstile.shut();
    yield make(number);
    await turnstile.passed;
  }
}

describe('a sender that waits for each result before it sends the next', () => {
  it('gets it at once from a stream of records', async () => {
    const turnstile = new Turnstile();
    const receipts: string[] = [];
    const batches = inTurns(turnstile, 100, (number) => ({
      records: [validInspection({}, { number })],
    }));
    for await (const { results } of node.exchange.streamRecords(batches)) {
      for (const { outcome } of results)
        if (outcome.case === 'receipt') receipts.push(outcome.value.messageId);
      turnstile.open();
    }
    expect(receipts).toEqual(
      Array.from({ length: TURNS }, (_, index) => testMessageId(6, 100 + index)),
    );
  });

  const hubs: readonly (readonly [string, number, (address: string) => Hub])[] = [
    ['gRPC', 200, (address) => createGrpcHub(address)],
    ['Connect', 300, (address) => createConnectHub(`http://${address}`)],
  ];

  it.each(hubs)('gets it at once from the hub over %s', async (_, first, connect) => {
    const hub = connect(node.address);
    onTestFinished(() => hub.close());
    const turnstile = new Turnstile();
    const records = inTurns(turnstile, first, (number) => validInspection({}, { number }));
    const settled: string[] = [];
    for await (const one of hub.submitRecords(records)) {
      if (one.accepted) settled.push(one.receipt.messageId);
      turnstile.open();
    }
    expect(settled).toEqual(
      Array.from({ length: TURNS }, (_, index) => testMessageId(6, first + index)),
    );
  });
});

it('what a stream took before a message that is none is answered before the error', async () => {
  const client = new Client(node.address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const same = (bytes: Buffer): Buffer => bytes;
  const path = `/${Exchange.typeName}/StreamRecords`;
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(path, same, same);
  const answers: Buffer[] = [];
  call.on('data', (answer: Buffer) => answers.push(answer));
  const failure = new Promise<Error>((resolve) => call.once('error', resolve));
  const batch = create(StreamRecordsRequestSchema, {
    records: [validInspection({}, { number: 9 })],
  });
  call.write(Buffer.from(toBinary(StreamRecordsRequestSchema, batch)));
  call.write(Buffer.from([0x0a, 0xff]));
  expect((await failure).message).toMatch(/解码|decode/);
  expect(answers).toHaveLength(1);
});
