import { create } from '@bufbuild/protobuf';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SubmissionResultSchema, type SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { CallOptions } from '../../clients/client.js';
import { createConnectHub } from '../../clients/connect-hub.js';
import { createGrpcHub } from '../../clients/grpc-hub.js';
import type { Hub } from '../../clients/hub.js';
import { isRepeatable } from '../../clients/patient-client.js';
import { WINDOW } from '../../clients/record-stream.js';
import type { Settled } from '../../clients/settled.js';
import { createWebHub } from '../../clients/web-hub.js';
import { HubError } from '../../server/domain/errors.js';
import { bindSome, startNode } from '../doors/node.js';

const PATIENCE = { random: () => 0, giveUpAfterMs: 2000 };

/** What a record and a registration have in common. */
interface Numbered {
  readonly envelope: { readonly messageId: string; readonly businessKey: string };
}

const record = (number: number): Numbered => ({
  envelope: { messageId: `m${number}`, businessKey: `k${number}` },
});

/** As many records as asked for, and how many of them were read. */
function source(count: number) {
  const state = { read: 0 };
  const records = (function* () {
    for (let number = 1; number <= count; number += 1) {
      state.read = number;
      yield record(number);
    }
  })();
  return { state, records };
}

const accepted = (messageId: string): SubmissionResult =>
  create(SubmissionResultSchema, {
    messageId,
    outcome: { case: 'receipt', value: { receiptNo: `R-${messageId}`, messageId } },
  });

const refused = (messageId: string, retryAfterMs: bigint): SubmissionResult =>
  create(SubmissionResultSchema, {
    messageId,
    outcome: {
      case: 'refusal',
      value: { reason: ErrorReason.BACKLOG_FULL, messageZh: '满', messageEn: 'full', retryAfterMs },
    },
  });

const idsOf = (records: readonly { envelope?: { messageId: string } | undefined }[]): string[] =>
  records.map(({ envelope }) => envelope?.messageId ?? '');

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `m${index + 1}`);

const idOf = ({ message }: Settled<Numbered>): string => message.envelope.messageId;

/** A hub whose stream answers each batch as `answer` says; what it throws ends the stream. */
async function streamingHub(
  answer: (ids: string[], stream: number) => Promise<SubmissionResult[]> | SubmissionResult[],
) {
  let streams = 0;
  const seen: string[] = [];
  const bound = bindSome(Exchange, {
    async *streamRecords(requests) {
      const stream = (streams += 1);
      for await (const { records } of requests) {
        const ids = idsOf(records);
        seen.push(...ids);
        yield { results: await answer(ids, stream) };
      }
    },
  });
  const { address } = await startNode([bound]);
  const hub = createGrpcHub(address, { patience: PATIENCE });
  onTestFinished(() => hub.close());
  return { hub, seen, streams: () => streams };
}

async function all<T>(settled: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of settled) list.push(one);
  return list;
}

describe('a stream of records', () => {
  test('settles any number with one call, each once, in its order', async () => {
    const { hub, seen } = await streamingHub((ids) => ids.map(accepted));
    const settled = await all(hub.submitRecords(source(2300).records));
    expect(settled.map(idOf)).toEqual(numbered(2300));
    expect(settled.every((one) => one.accepted)).toBe(true);
    expect(seen).toEqual(numbered(2300));
  });

  test('goes on after a break with what had no answer', async () => {
    let batches = 0;
    const { hub, seen, streams } = await streamingHub((ids, stream) => {
      batches += 1;
      if (stream === 1 && batches === 3)
        throw new HubError(
          ErrorReason.UNAVAILABLE,
          { zh: '停', en: 'stopping' },
          { retryAfterMs: 1 },
        );
      return ids.map(accepted);
    });
    const settled = await all(hub.submitRecords(source(3000).records));
    expect(settled.map(idOf)).toEqual(numbered(3000));
    expect(streams()).toBe(2);
    // The third batch was there twice: the same ids, so a hub takes it once.
    expect(seen.slice(1000, 1500)).toEqual(seen.slice(1500, 2000));
  });

  test('sends again what was refused for now, and gives back what was refused for good', async () => {
    const turnedAway = new Set<string>();
    const { hub } = await streamingHub((ids) =>
      ids.map((id) => {
        if (id === 'm7') return refused(id, 0n);
        if (!id.endsWith('5') || turnedAway.has(id)) return accepted(id);
        turnedAway.add(id);
        return refused(id, 1n);
      }),
    );
    const settled = await all(hub.submitRecords(source(700).records));
    expect(settled.map(idOf).sort()).toEqual(numbered(700).sort());
    expect(settled.filter((one) => !one.accepted).map(idOf)).toEqual(['m7']);
    expect(turnedAway.size).toBe(70);
  });

  test('reads the source no faster than the hub takes it', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { hub, seen } = await streamingHub(async (ids) => {
      await gate;
      return ids.map(accepted);
    });
    const { state, records } = source(20_000);
    const reading = all(hub.submitRecords(records));
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    await expect.poll(() => state.read).toBeGreaterThanOrEqual(WINDOW * 500);
    expect(state.read).toBeLessThanOrEqual((WINDOW + 2) * 500);
    open();
    expect(await reading).toHaveLength(20_000);
  });

  test('settles what a pausing or failing source gave, before it fails', async () => {
    const { hub } = await streamingHub((ids) => ids.map(accepted));
    const got: string[] = [];
    let answered = (): void => undefined;
    const first = new Promise<void>((resolve) => (answered = resolve));
    const pausing = async function* () {
      yield record(1);
      await first;
      yield record(2);
      throw new Error('the disk is gone');
    };
    const reading = (async () => {
      for await (const one of hub.submitRecords(pausing())) {
        got.push(idOf(one));
        answered();
      }
    })();
    await expect(reading).rejects.toThrow('the disk is gone');
    expect(got).toEqual(['m1', 'm2']);
  });

  test('gives up on a hub that takes nothing, with what it said last', async () => {
    const { hub } = await streamingHub((ids) => ids.map((id) => refused(id, 500n)));
    await expect(all(hub.submitRecords([record(1)]))).rejects.toMatchObject({
      reason: 'BACKLOG_FULL',
      messageZh: '满',
    });
  });

  test('ends the call and the source when its reader leaves', async () => {
    const { hub } = await streamingHub((ids) => ids.map(accepted));
    const { state, records } = source(100_000);
    for await (const one of hub.submitRecords(records)) if (idOf(one) === 'm3') break;
    const { read } = state;
    expect(records.next().done).toBe(true);
    expect(read).toBeLessThan(100_000);
  });
});

/** A source that gives one message and then waits for ever. */
async function* waiting(): AsyncGenerator<Numbered> {
  yield record(1);
  await new Promise(() => undefined);
}

/** Reserved (tcpmux): nobody listens there. A port given back may be another test's before it is called. */
const NOBODY = '127.0.0.1:1';

type Submit = (hub: Hub, options?: CallOptions) => AsyncIterable<Settled<Numbered>>;

const records: Submit = (hub, options) => hub.submitRecords(waiting(), options);
const registrations: Submit = (hub, options) => hub.submitRegistrations(waiting(), options);
const overGrpc = (address: string): Hub => createGrpcHub(address, { patience: PATIENCE });
const overConnect = (address: string): Hub =>
  createConnectHub(`http://${address}`, { patience: PATIENCE });

describe.each([
  ['records over gRPC', records, overGrpc],
  ['records over Connect', records, overConnect],
  ['registrations over gRPC', registrations, overGrpc],
])('%s whose source waits', (_, submit, connect) => {
  function open(address: string): Hub {
    const hub = connect(address);
    onTestFinished(() => hub.close());
    return hub;
  }

  /** A hub that takes everything, or whatever `answer` does. */
  async function taking(answer = accepted): Promise<Hub> {
    const exchange = bindSome(Exchange, {
      async *streamRecords(requests) {
        for await (const { records } of requests) yield { results: idsOf(records).map(answer) };
      },
      async batchSubmitRecords({ records }) {
        return { results: idsOf(records).map(answer) };
      },
    });
    const registration = bindSome(Registration, {
      async batchSubmitRegistrations({ registrations }) {
        return { results: idsOf(registrations).map(answer) };
      },
    });
    return open((await startNode([exchange, registration])).address);
  }

  test('end when their reader leaves', async () => {
    const hub = await taking();
    const got: string[] = [];
    for await (const one of submit(hub)) {
      got.push(idOf(one));
      break;
    }
    expect(got).toEqual(['m1']);
  });

  test('end when the caller ends them', async () => {
    const hub = await taking();
    const ending = new AbortController();
    const reading = (async () => {
      for await (const _one of submit(hub, { signal: ending.signal }))
        setTimeout(() => ending.abort(), 10);
    })();
    await expect(reading).rejects.toMatchObject({ codeName: 'CANCELLED' });
  });

  test('end with why the hub takes nothing from them any more', async () => {
    const hub = await taking(() => {
      throw new HubError(ErrorReason.UNAUTHENTICATED, { zh: '令牌已吊销', en: 'revoked' });
    });
    await expect(all(submit(hub))).rejects.toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  test('end when no hub was there for as long as they have patience', async () => {
    await expect(all(submit(open(NOBODY)))).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
    });
  });
});

describe('batches and single calls', () => {
  const lines: readonly (readonly [string, (address: string) => Hub])[] = [
    ['gRPC', (address) => createGrpcHub(address, { patience: PATIENCE })],
    ['Connect', (address) => createConnectHub(`http://${address}`, { patience: PATIENCE })],
    ['Connect in a page', (address) => createWebHub(`http://${address}`, { patience: PATIENCE })],
  ];

  test.each(lines)('registrations keep their order over %s, whatever waits', async (_, connect) => {
    const taken: string[] = [];
    let calls = 0;
    const bound = bindSome(Registration, {
      async batchSubmitRegistrations({ registrations }) {
        calls += 1;
        if (calls === 2)
          throw new HubError(
            ErrorReason.BACKLOG_FULL,
            { zh: '满', en: 'full' },
            { retryAfterMs: 1 },
          );
        const ids = idsOf(registrations);
        const room = calls === 1 ? 300 : ids.length;
        taken.push(...ids.slice(0, room));
        return { results: ids.map((id, at) => (at < room ? accepted(id) : refused(id, 1n))) };
      },
    });
    const { address } = await startNode([bound]);
    const hub = connect(address);
    onTestFinished(() => hub.close());
    const settled = await all(hub.submitRegistrations(source(1200).records));
    expect(settled.map(idOf)).toEqual(numbered(1200));
    expect(taken).toEqual(numbered(1200));
  });

  test.each(lines)('a call without an answer is made again over %s', async (_, connect) => {
    let calls = 0;
    const passing = (): HubError =>
      new HubError(ErrorReason.UNAVAILABLE, { zh: '停', en: 'stopping' }, { retryAfterMs: 1 });
    const registration = bindSome(Registration, {
      async getEnterprise({ uscc }) {
        if ((calls += 1) < 3) throw passing();
        return { enterprise: { uscc } };
      },
    });
    let releases = 0;
    const catalog = bindSome(ScopeCatalog, {
      async publishCatalog() {
        releases += 1;
        throw passing();
      },
    });
    const { address } = await startNode([registration, catalog]);
    const hub = connect(address);
    onTestFinished(() => hub.close());
    const { enterprise } = await hub.registration.getEnterprise({ uscc: 'a' });
    expect([enterprise?.uscc, calls]).toEqual(['a', 3]);
    // Nobody knows whether it was published, so a person decides.
    await expect(hub.scopeCatalog.publishCatalog({})).rejects.toMatchObject({
      codeName: 'UNAVAILABLE',
    });
    expect(releases).toBe(1);
  });

  test('every RPC is known to be repeatable, or to change once', () => {
    const services = [ScopeCatalog, Registration, Exchange, DataCenter];
    const single = services.flatMap(({ methods }) =>
      methods.filter(({ methodKind }) => methodKind === 'unary').map((one) => one.localName),
    );
    expect(single.filter((name) => !isRepeatable(name)).sort()).toEqual([
      'acknowledgeMessages',
      'acknowledgePackage',
      'deliver',
      'publishCatalog',
      'reportHeldReleases',
      'resolveUnattributed',
      'retryDeliveries',
      'witnessAuditChain',
    ]);
  });
});
