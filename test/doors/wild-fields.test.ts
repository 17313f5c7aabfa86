import type { DescMethod } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Refusal, SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Exchange, type DeliveryResult } from '#gen/zhengzhao/v1/exchange_pb.js';
import { encodePageToken } from '../../server/services/page-token.js';
import { testUscc, validRegistration } from '../support/builders.js';
import { doors, endOf, failureOf, METHODS, type OpenDoor } from '../support/doors.js';
import { halfWritten } from '../support/half-written.js';
import { wildCopies, type Wild } from '../support/leaves.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { samplesOf } from '../support/request-samples.js';

const NUMBERS = {
  int32s: [-1, 2_147_483_647],
  int64s: [-1n, 9_223_372_036_854_775_807n],
  enums: [99, 2_147_483_647],
};
/** NUL is a text to Protobuf and none to PostgreSQL. */
const OVER_GRPC: Wild = { ...NUMBERS, strings: ['a\0b'] };
/** Half a surrogate pair is a text to JSON and none to UTF-8. */
const OVER_JSON: Wild = { int32s: [], int64s: [], enums: [], strings: ['\ud800x'] };
/** Errors quote what they are about; it must fit the headers of the answer. */
const LONG: Wild = { ...OVER_JSON, strings: ['字'.repeat(50_000)] };

const OUR_FAULT = ['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'DEADLINE_EXCEEDED'];
const AT_ONCE = 16;

/** Batches hold the messages that are sent one by one too. */
const unary = METHODS.filter(
  ({ methodKind, name }) => methodKind === 'unary' && !name.startsWith('Batch'),
);
const questions = unary.filter(({ name }) => !/Registration$|Record|Deliver$/.test(name));

let node: TestNode;
let open: Record<string, OpenDoor>;
beforeAll(async () => {
  node = await startTestNode({});
  open = Object.fromEntries(Object.keys(doors).map((name) => [name, doors[name]!(node.address)]));
  const registration = validRegistration({ catalogVersion: '2019.12-prov' });
  await node.registration.submitRegistration({ registration });
});
afterAll(async () => {
  for (const door of Object.values(open)) door.close();
  await node.stop();
});

/** Requests of an RPC, with one wild value in one place, that the node took the blame for. */
async function blamed(door: OpenDoor, method: DescMethod, wild: Wild): Promise<string[]> {
  const requests = samplesOf(method).flatMap((sample) => [
    ...wildCopies(method.input, sample as never, wild),
  ]);
  const found: string[] = [];
  while (requests.length > 0)
    await Promise.all(
      requests.splice(0, AT_ONCE).map(async ({ what, copy }) => {
        const answer = door.ask(method, copy);
        const end = await endOf(answer);
        const inside = end === 'OK' && blamesInside(await answer);
        if (OUR_FAULT.includes(end) || inside) found.push(`${method.name} ${what}: ${end}`);
      }),
    );
  return found;
}

/** Whether one of several results says INTERNAL. */
function blamesInside(answer: unknown): boolean {
  const { results = [] } = (answer ?? {}) as { results?: (DeliveryResult | SubmissionResult)[] };
  return results.some((result) => refusalIn(result)?.reason === ErrorReason.INTERNAL);
}

function refusalIn(result: DeliveryResult | SubmissionResult): Refusal | undefined {
  if (result.$typeName === 'zhengzhao.v1.DeliveryResult') return result.refusal;
  return result.outcome.case === 'refusal' ? result.outcome.value : undefined;
}

describe('a wild value in any place of any request is never the fault of the node', () => {
  it.each(unary)('$name: NUL and numbers out of range, through gRPC', async (method) => {
    expect(await blamed(open['gRPC']!, method, OVER_GRPC)).toEqual([]);
  });

  it('StreamRecords: the same, though no guard stands around a stream', async () => {
    expect(await blamed(open['gRPC']!, Exchange.method.streamRecords, OVER_GRPC)).toEqual([]);
  });

  it('half a surrogate pair, through JSON', async () => {
    for (const method of unary)
      expect(await blamed(open['Connect with JSON']!, method, OVER_JSON)).toEqual([]);
  });

  it('a long text, through gRPC and gRPC-Web', async () => {
    for (const method of questions)
      for (const name of ['gRPC', 'gRPC-Web'])
        expect(await blamed(open[name]!, method, LONG)).toEqual([]);
  });

  it('and nothing of it is written by halves', async () => {
    expect(await halfWritten(node)).toEqual([]);
    const { enterprise } = await node.registration.getEnterprise({ uscc: testUscc(1) });
    expect(enterprise?.registration?.entName).toBe(validRegistration().entName);
  });
});

describe.each(Object.keys(doors))('through %s', (name) => {
  const rpc = (method: string): DescMethod => METHODS.find((one) => one.name === method)!;

  it.each([
    ['GetEnterprise', { uscc: 'a\0' }, 'uscc'],
    ['GetDisclosure', { uscc: '\0' }, 'uscc'],
    ['SearchEnterprises', { query: '千岛\0公司' }, 'query'],
    ['ListPackages', { receivingDeptCode: '33\0' }, 'receiving_dept_code'],
    [
      'ListSharedRegistrations',
      { subscriber: 'x', permitItemCodes: ['\0'] },
      'permit_item_codes[0]',
    ],
    ['GetMessage', { messageId: '\0', localOnly: true }, 'message_id'],
    ['ListDeliveries', { destination: '100000\0' }, 'destination'],
  ])('%s names the field with NUL', async (method, request, field) => {
    const error = await failureOf(open[name]!.ask(rpc(method), request));
    expect(error).toMatchObject({
      codeName: 'INVALID_ARGUMENT',
      reason: 'VALIDATION_FAILED',
      findings: [{ field, rule: 'VR27' }],
    });
  });

  it('a registration with NUL is checked with findings, and refused with the same', async () => {
    const registration = validRegistration({ uscc: 'a\0', lerep: '欧\0阳' }, { number: 90 });
    const answer = await open[name]!.ask(rpc('CheckRegistration'), { registration });
    const fields = (answer as { findings: { field: string }[] }).findings.map((one) => one.field);
    expect(fields).toEqual(expect.arrayContaining(['uscc', 'lerep']));
    const refused = await failureOf(open[name]!.ask(rpc('SubmitRegistration'), { registration }));
    expect(refused?.reason).toBe('VALIDATION_FAILED');
  });
});

describe('every list', () => {
  const withField = (name: string) =>
    METHODS.filter((method) => method.input.fields.some((field) => field.name === name));
  const paged = [...withField('page_token'), ...withField('cursor')];

  it('has pages', () => {
    expect(paged.map((method) => method.name).sort()).toEqual(
      METHODS.map((method) => method.name)
        .filter((name) => /^(List|Search|Reconcile|CompareReleases|GetExchangeReport)/.test(name))
        .sort(),
    );
  });

  it.each(paged)('$name refuses a page token that is none of its own', async (method) => {
    const [sample] = samplesOf(method);
    const field = method.input.fields.find(({ name }) => /^(page_token|cursor)$/.test(name))!;
    for (const token of ['x', 'AAAA', encodePageToken(['other list'], '1'), '\0', '字'.repeat(9)]) {
      const request = { ...sample, [field.localName]: token };
      expect(await failureOf(open['gRPC']!.ask(method, request))).toMatchObject({
        codeName: 'INVALID_ARGUMENT',
        reason: 'BAD_PAGE_TOKEN',
      });
    }
  });

  it.each(withField('page_size'))('$name refuses a negative page size', async (method) => {
    const request = { ...samplesOf(method)[0], pageSize: -1 };
    const error = await failureOf(open['gRPC']!.ask(method, request));
    expect(error).toMatchObject({
      reason: 'VALIDATION_FAILED',
      findings: [{ field: 'page_size' }],
    });
    expect(await endOf(open['gRPC']!.ask(method, { ...request, pageSize: 2_147_483_647 }))).toBe(
      'OK',
    );
  });

  it('refuses a token that was made up for it', async () => {
    const uscc = testUscc(1);
    for (const position of ['-1', '1e9', 'NaN', '9'.repeat(20), "1' or 1"]) {
      const pageToken = encodePageToken(['registration-events', uscc], position);
      await expect(
        node.registration.listRegistrationEvents({ uscc, pageToken }),
      ).rejects.toMatchObject({ reason: 'BAD_PAGE_TOKEN' });
    }
  });
});
