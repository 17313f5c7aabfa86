import { create } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import {
  BatchSubmitRecordsRequestSchema,
  Exchange,
  StreamRecordsRequestSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  BatchSubmitRegistrationsRequestSchema,
  Registration,
} from '#gen/zhengzhao/v1/registration_pb.js';
import { connectErrorOf } from '../../clients/connect-error.js';
import {
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { searchNode } from '../support/search.js';
import { withUnknown } from '../support/unknown-field.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
/** What nobody may read who has no right to, and no rule of this version can see. */
const SECRET = '涉密内容戊11010519491231002X';

const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, field, rule }) => `${rule} ${code} ${field}`);

/** A licence whose counterpart, two levels down, holds the field. */
function licence(number = 1): Record {
  const record = validLicence({}, { number });
  if (record.body.case === 'licence') withUnknown(record.body.value.counterpart, SECRET);
  return record;
}

/** A registration with it in three places. */
function registration(number = 1) {
  const event = validRegistration(CATALOGUE, { number });
  withUnknown(event, SECRET);
  withUnknown(event.envelope?.sourceTime, SECRET);
  withUnknown(event.permitItems[0], SECRET);
  return event;
}

const IN_REGISTRATION = ['', 'envelope.source_time', 'permit_items[0]'].map(
  (path) => `R51 UNKNOWN_FIELD ${path}`,
);
const IN_LICENCE = ['R51 UNKNOWN_FIELD licence.counterpart'];

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ HUB_REGION: '330000' });
  await node.registration.submitRegistration({
    registration: validRegistration(CATALOGUE, { number: 9 }),
  });
});
afterAll(() => node.stop());

async function nothingKept(): Promise<void> {
  expect(await searchNode(node, SECRET)).toEqual([]);
}

describe.each(['gRPC', 'gRPC-Web', 'Connect'] as const)('a client over %s', (door) => {
  let clients: Pick<TestNode, 'exchange' | 'registration'>;
  beforeEach(() => {
    if (door === 'gRPC') {
      clients = node;
      return;
    }
    const make = door === 'Connect' ? createConnectTransport : createGrpcWebTransport;
    const transport = make({ baseUrl: `http://${node.address}`, httpVersion: '1.1' });
    clients = {
      exchange: createClient(Exchange, transport) as TestNode['exchange'],
      registration: createClient(Registration, transport) as TestNode['registration'],
    };
  });

  function refusalOf(call: Promise<unknown>) {
    if (door === 'gRPC') return failureOf(call);
    return failureOf(
      call.catch((error: unknown) => {
        throw connectErrorOf(error);
      }),
    );
  }

  it('R55 R51 is refused a registration with fields that the node does not know', async () => {
    const refusal = await refusalOf(
      clients.registration.submitRegistration({ registration: registration() }),
    );
    expect(refusal).toMatchObject({ codeName: 'INVALID_ARGUMENT', reason: 'VALIDATION_FAILED' });
    expect(said(refusal?.findings ?? [])).toEqual(IN_REGISTRATION);
    const [{ messageZh, messageEn } = { messageZh: '', messageEn: '' }] = refusal?.findings ?? [];
    expect(messageZh).toMatch(/编号200.*升级/);
    expect(messageEn).toMatch(/numbers 200.*upgrade the node, or leave the fields out/);
    await nothingKept();
  });

  it('R55 R51 is refused a record, and a change of the mark', async () => {
    const taken = await refusalOf(clients.exchange.submitRecord({ record: licence() }));
    expect(said(taken?.findings ?? [])).toEqual(IN_LICENCE);
    const change = validPublicityChange();
    withUnknown(change.record, SECRET);
    const marked = await refusalOf(clients.exchange.setRecordPublicity({ change }));
    expect(said(marked?.findings ?? [])).toEqual(['R51 UNKNOWN_FIELD record']);
    await nothingKept();
  });

  it('R51 is told so by a dry run', async () => {
    const record = await clients.exchange.checkRecord({ record: licence() });
    expect([record.acceptable, said(record.findings)]).toEqual([false, IN_LICENCE]);
    const event = await clients.registration.checkRegistration({ registration: registration() });
    expect([event.acceptable, said(event.findings)]).toEqual([false, IN_REGISTRATION]);
  });
});

describe('a client', () => {
  it('R51 gets it together with all other findings of the message', async () => {
    const event = validChange({ ...CATALOGUE, uscc: '1', regState: '?' });
    withUnknown(event.changes[0], SECRET);
    const { findings } = await node.registration.checkRegistration({ registration: event });
    const codes = findings.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['USCC_FORMAT', 'UNKNOWN_FIELD']));
    expect(codes.length).toBeGreaterThan(2);
    expect(said(findings)).toContain('R51 UNKNOWN_FIELD changes[0]');
  });

  it('R55 R51 is refused one message of a batch, the others are taken', async () => {
    const [first, second] = [validInspection({}, { number: 9 }), validPenalty({}, { number: 9 })];
    const { results } = await node.exchange.batchSubmitRecords({
      records: [first, licence(9), second],
    });
    expect(results.map(({ outcome }) => outcome.case)).toEqual(['receipt', 'refusal', 'receipt']);
    const refusal = results[1]?.outcome;
    expect(refusal?.case === 'refusal' && said(refusal.value.findings)).toEqual(IN_LICENCE);
    const { results: registered } = await node.registration.batchSubmitRegistrations({
      registrations: [registration(10), validRegistration(CATALOGUE, { number: 11 })],
    });
    expect(registered.map(({ outcome }) => outcome.case)).toEqual(['refusal', 'receipt']);
    await nothingKept();
  });

  it('R55 R51 is refused one of a stream', async () => {
    async function* sent() {
      await Promise.resolve();
      yield create(StreamRecordsRequestSchema, {
        records: [licence(9), validLicence({}, { number: 9 })],
      });
    }
    for await (const { results } of node.exchange.streamRecords(sent()))
      expect(results.map(({ outcome }) => outcome.case)).toEqual(['refusal', 'receipt']);
    await nothingKept();
  });

  it('is not refused for a field of the request beside its messages: that is not kept', async () => {
    const records = create(BatchSubmitRecordsRequestSchema, {
      records: [validFiling({}, { number: 9 })],
    });
    const { results } = await node.exchange.batchSubmitRecords(withUnknown(records, SECRET));
    const registrations = create(BatchSubmitRegistrationsRequestSchema, {
      registrations: [validRegistration(CATALOGUE, { number: 12 })],
    });
    const { results: registered } = await node.registration.batchSubmitRegistrations(
      withUnknown(registrations, SECRET),
    );
    expect([...results, ...registered].map(({ outcome }) => outcome.case)).toEqual([
      'receipt',
      'receipt',
    ]);
    await nothingKept();
  });

  it('R44 VR21 is refused further data of a filing by the rule of filings', async () => {
    const record = validFiling({}, { number: 13 });
    withUnknown(record.envelope?.sourceTime, SECRET);
    if (record.body.case === 'filing') withUnknown(record.body.value, SECRET);
    const { findings } = await node.exchange.checkRecord({ record });
    expect(said(findings).filter((one) => /EXTRA|UNKNOWN_FIELD/.test(one))).toEqual([
      'VR21 EXTRA_DATA_NOT_ALLOWED envelope.source_time',
      'VR21 EXTRA_DATA_NOT_ALLOWED filing',
    ]);
  });

  it.each([
    ['{"record":{"licence":{"newField":"x"}}}', 'R51', 'UNKNOWN_FIELD', '升级'],
    ['{"record":{"filing":{"newField":"x"}}}', 'VR21', 'EXTRA_DATA_NOT_ALLOWED', '不得额外采集'],
  ])('R51 gets the same code in JSON: %s', async (body, rule, code, words) => {
    const answer = await fetch(`http://${node.address}/zhengzhao.v1.Exchange/SubmitRecord`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    for (const one of [rule, code, 'newField', words]) expect(text).toContain(one);
  });
});
