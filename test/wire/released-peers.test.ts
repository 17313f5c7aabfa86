import { createHash } from 'node:crypto';
import {
  create,
  fromBinary,
  toBinary,
  toJson,
  type DescMessage,
  type DescMethod,
  type DescService,
  type JsonObject,
  type Message,
} from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGrpcClient } from '../../clients/grpc.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { testMessageId, validLicence, validRegistration } from '../support/builders.js';
import { METHODS } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { frozen, frozenContract, servicesOf } from './old-contract.js';

type Call = (request: Message | AsyncIterable<Message>, options?: object) => unknown;
type Client = Record<string, Call> & { close(): void };

const old = frozenContract();
const calls = frozen('calls');
const CATALOGUE = { catalogVersion: '2019.12-prov' };

/** Calls whose frozen request names what is not there: their answer is an error that says so. */
const NOT_THERE = ['GetMessage', 'GetPackage', 'AcknowledgePackage', 'ResolveUnattributed'];
/** What their answer says changes from one moment to the next. */
const OF_THE_MOMENT = ['GetNodeStatus', 'ListDeliveries'];

describe('the first release talks to this one', () => {
  let node: TestNode;
  const clients = new Map<string, Client>();
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    for (const service of servicesOf(old))
      clients.set(service.typeName, clientOf(service, node.address));
    await node.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    await node.exchange.submitRecord({ record: validLicence() });
  });
  afterAll(async () => {
    for (const client of clients.values()) client.close();
    await node.stop();
  });

  function clientOf(service: DescService, address: string): Client {
    return createGrpcClient(service, address) as unknown as Client;
  }

  const methods = servicesOf(old).flatMap((service) => service.methods);

  function methodNamed(name: string): DescMethod {
    const method = methods.find((one) => one.name === name);
    if (!method) throw new Error(`the first release has no ${name}`);
    return method;
  }

  function callOf({ parent, localName }: DescMethod): Call {
    const call = clients.get(parent.typeName)?.[localName];
    if (!call) throw new Error(`no client for ${localName}`);
    return call;
  }

  /** Frozen requests of a call, read by the contract of then. */
  function requestsOf({ parent, name, input }: DescMethod): Message[] {
    return (calls[`${parent.typeName}/${name}`] ?? []).map(({ bytes }) =>
      fromBinary(input, Buffer.from(bytes, 'base64')),
    );
  }

  async function ask(name: string, request: Record<string, unknown>): Promise<JsonObject> {
    const method = methodNamed(name);
    const answer = await callOf(method)(create(method.input, request));
    return jsonOf(method.output, answer as Message);
  }

  function jsonOf(desc: DescMessage, message: Message): JsonObject {
    return toJson(desc, message, { registry: old }) as JsonObject;
  }

  /** The answer to the same bytes by the contract of now, as one of then reads it. */
  async function askNow(method: DescMethod, request: Message): Promise<JsonObject> {
    const now = METHODS.find(({ name }) => name === method.name);
    if (!now) throw new Error(`${method.name} is not there any more`);
    const client = clientOf(now.parent, node.address);
    try {
      const same = fromBinary(now.input, toBinary(method.input, request));
      const answer = (await client[now.localName]?.(same)) as Message;
      return jsonOf(method.output, fromBinary(method.output, toBinary(now.output, answer)));
    } finally {
      client.close();
    }
  }

  const unary = methods.filter(({ methodKind }) => methodKind === 'unary');

  it.each(unary.map(({ name }) => name))('%s is understood, and its answer too', async (name) => {
    const method = methodNamed(name);
    const requests = requestsOf(method);
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) {
      if (NOT_THERE.includes(name)) {
        await expect(callOf(method)(request)).rejects.toMatchObject({ code: 5 });
        continue;
      }
      const answer = jsonOf(method.output, (await callOf(method)(request)) as Message);
      const reads = /^(Get|List|Search|Resolve|Check)/.test(name) && !OF_THE_MOMENT.includes(name);
      if (reads) expect(answer).toEqual(await askNow(method, request));
    }
  });

  it('a client of then submits, and one of now gets the same receipt for the same message', async () => {
    const registration = validRegistration(CATALOGUE, { number: 60 });
    const { receipt } = await ask('SubmitRegistration', { registration });
    const again = await node.registration.submitRegistration({ registration });
    expect(again.receipt).toMatchObject({
      duplicate: true,
      digest: (receipt as JsonObject)['digest'],
    });
    expect(again.receipt?.receiptNo).toBe((receipt as JsonObject)['receiptNo']);
  });

  it('a stream of then is answered record by record', async () => {
    const method = methodNamed('StreamRecords');
    const requests = requestsOf(method);
    async function* sent(): AsyncGenerator<Message> {
      await Promise.resolve();
      yield* requests;
    }
    const answers: JsonObject[] = [];
    for await (const answer of callOf(method)(sent()) as AsyncIterable<Message>)
      answers.push(jsonOf(method.output, answer));
    expect(JSON.stringify(answers)).toContain('receiptNo');
    expect(answers).toHaveLength(requests.length);
  });

  it('R52 deliveries of a node of then are accepted', async () => {
    const record = validLicence(
      { licId: 'LIC-OLD' },
      { number: 1, envelope: { sourceNode: '100000', messageId: testMessageId(95, 1) } },
    );
    const payload = toBinary(RecordSchema, record);
    const { results } = await ask('Deliver', {
      fromNode: '100000',
      toNode: '330000',
      deliveries: [
        {
          messageId: testMessageId(95, 1),
          sourceNode: '100000',
          kind: MessageKind.LICENCE,
          action: DeliveryAction.CARRY,
          payload,
          digest: createHash('sha256').update(payload).digest(),
        },
      ],
    });
    expect(results).toMatchObject([{ outcome: 'DELIVERY_OUTCOME_ACCEPTED' }]);
    expect(
      await node.sql(`select payload from messages where message_id = ? and origin = '100000'`, [
        testMessageId(95, 1),
      ]),
    ).toEqual([{ payload: Buffer.from(payload) }]);
  });

  it('R52 a node of then pulls, reads and acknowledges what this one sends', async () => {
    const method = methodNamed('PullMessages');
    const [request] = requestsOf(method);
    const ending = new AbortController();
    const pulled: JsonObject[] = [];
    try {
      const stream = callOf(method)(request!, { signal: ending.signal }) as AsyncIterable<Message>;
      for await (const one of stream) {
        pulled.push(jsonOf(method.output, one));
        if (pulled.length === 2) ending.abort();
      }
    } catch {
      expect(ending.signal.aborted).toBe(true);
    }
    const carried = pulled[0]?.['delivery'] as JsonObject;
    const event = old.getMessage('zhengzhao.v1.RegistrationEvent')!;
    const content = fromBinary(event, Buffer.from(String(carried['payload']), 'base64'));
    const { messageId } = carried;
    expect(jsonOf(event, content)['envelope']).toMatchObject({ messageId });
    const { events } = await node.registration.listRegistrationEvents({
      uscc: String(jsonOf(event, content)['uscc']),
    });
    expect(events.map((one) => one.registration?.envelope?.messageId)).toContain(messageId);
    const { applied } = await ask('AcknowledgeMessages', {
      node: '100000',
      acknowledgements: pulled.map(({ deliveryId }) => ({ deliveryId, result: { outcome: 1 } })),
    });
    expect(applied).toBe(pulled.length);
  });
});
