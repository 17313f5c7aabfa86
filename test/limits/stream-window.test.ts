import { expect, onTestFinished, test } from 'vitest';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { anonymous } from '../../server/domain/access/principal.js';
import { HubError } from '../../server/domain/errors.js';
import { CallerLimits } from '../../server/doors/caller-limits.js';
import { createRecordMethods, STREAM_WINDOW } from '../../server/services/exchange/records.js';
import { FrontDesk, type FrontDeskParts } from '../../server/services/front-desk.js';
import { bindSome, startNode, until } from '../doors/node.js';
import { validLicence } from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { zhejiangContext } from '../support/validation-context.js';

const BATCHES = 200;

/** A gate that is shut until it is opened. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The stream of a node whose database takes each batch after `accept`, and refuses what is in it. */
async function streamTo(
  accept: () => Promise<void>,
  streamIdleMs = 60_000,
): Promise<GrpcClient<typeof Exchange>> {
  const full = new HubError(ErrorReason.BACKLOG_FULL, { zh: '满', en: 'full' });
  const intake: FrontDeskParts['intake'] = {
    async accept(submissions) {
      await accept();
      return submissions.map(() => ({ ok: false, error: full }));
    },
    noteRefusal: () => undefined,
  };
  const backlog = { isFull: false, limits: { total: 1, perDestination: 1 } };
  const validation = (): ReturnType<typeof zhejiangContext> => zhejiangContext();
  const desk = new FrontDesk({ node: '330000', intake, validation, backlog });
  const absent = (): never => {
    throw new Error('a stream asks nobody else');
  };
  const { streamRecords } = createRecordMethods({ desk, knex: absent as never, context: absent });
  const bound = bindSome(Exchange, {
    streamRecords: (requests, { signal, caller, door }) =>
      streamRecords(requests, {
        signal,
        caller,
        door,
        cancelled: false,
        principal: anonymous('trial'),
      }),
  });
  const limits = new CallerLimits({ inFlight: 10, perSecond: 1000, streamIdleMs });
  const { address } = await startNode([limits.guard(bound)]);
  const client = createGrpcClient(Exchange, address);
  onTestFinished(() => client.close());
  return client;
}

const batch = (number: number) => ({ records: [validLicence({}, { number })] });
const idOf = (number: number): string => batch(number).records[0]?.envelope?.messageId ?? '';
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => idOf(index + 1));

test('a stream of any length has only its window in work; more waits at the sender', async () => {
  let [running, most] = [0, 0];
  const { opened, open } = gate();
  const client = await streamTo(async () => {
    most = Math.max(most, (running += 1));
    await opened;
    running -= 1;
  });
  const batches = async function* () {
    for (let number = 1; number <= BATCHES; number += 1) yield batch(number);
  };
  const answered: string[] = [];
  const reading = (async () => {
    for await (const { results } of client.streamRecords(batches()))
      answered.push(results[0]?.messageId ?? '');
  })();
  await until(() => running === STREAM_WINDOW);
  open();
  await reading;
  expect(most).toBe(STREAM_WINDOW);
  expect(answered).toEqual(ids(BATCHES));
});

test('batches in work are answered in their order, whichever the database takes first', async () => {
  const gates = Array.from({ length: STREAM_WINDOW }, gate);
  let taken = 0;
  const client = await streamTo(async () => gates[taken++]?.opened);
  const read: string[] = [];
  const batches = async function* () {
    for (let number = 1; number <= STREAM_WINDOW; number += 1) yield batch(number);
    // The line stays open: what is answered is not answered because it ends.
    await until(() => read.length === STREAM_WINDOW);
  };
  const reading = (async () => {
    for await (const { results } of client.streamRecords(batches()))
      read.push(results[0]?.messageId ?? '');
  })();
  await until(() => taken === STREAM_WINDOW);
  gates[1]?.open();
  gates[2]?.open();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(read).toEqual([]);
  gates[0]?.open();
  await until(() => read.length === 3);
  gates[3]?.open();
  await reading;
  expect(read).toEqual(ids(STREAM_WINDOW));
});

test('a stream that ends as idle answers first what it took', async () => {
  const { opened, open } = gate();
  const client = await streamTo(() => opened, 500);
  const batches = async function* () {
    yield batch(1);
    yield batch(2);
    await new Promise(() => undefined);
  };
  const read: string[] = [];
  const reading = (async () => {
    for await (const { results } of client.streamRecords(batches()))
      read.push(results[0]?.messageId ?? '');
  })();
  setTimeout(open, 1200);
  expect(await failureOf(reading)).toMatchObject({ reason: 'STREAM_IDLE' });
  expect(read).toEqual(ids(2));
});

test('a batch that is none ends its stream, and of what is behind it no more than the window is begun', async () => {
  let taken = 0;
  const client = await streamTo(async () => void (taken += 1));
  const sent = { count: 0 };
  const batches = async function* () {
    yield batch(1);
    yield { records: [] };
    for (; sent.count < BATCHES; sent.count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield batch(2 + sent.count);
    }
  };
  const read: string[] = [];
  const reading = (async () => {
    for await (const { results } of client.streamRecords(batches()))
      read.push(results[0]?.messageId ?? '');
  })();
  expect(await failureOf(reading)).toMatchObject({ reason: 'TOO_MANY_ITEMS' });
  expect(read).toEqual(ids(1));
  expect(taken).toBeLessThanOrEqual(STREAM_WINDOW);
});
