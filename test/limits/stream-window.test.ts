import { expect, onTestFinished, test } from 'vitest';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { anonymous } from '../../server/domain/access/principal.js';
import { HubError } from '../../server/domain/errors.js';
import { createRecordMethods, STREAM_WINDOW } from '../../server/services/exchange/records.js';
import { FrontDesk, type FrontDeskParts } from '../../server/services/front-desk.js';
import { bindSome, startNode, until } from '../doors/node.js';
import { validLicence } from '../support/builders.js';
import { zhejiangContext } from '../support/validation-context.js';

const BATCHES = 200;

test('a stream of any length has only its window in work; more waits at the sender', async () => {
  let [running, most] = [0, 0];
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const full = new HubError(ErrorReason.BACKLOG_FULL, { zh: '满', en: 'full' });
  const intake: FrontDeskParts['intake'] = {
    async accept(submissions) {
      most = Math.max(most, (running += 1));
      await gate;
      running -= 1;
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
  const { address } = await startNode([bound]);
  const client = createGrpcClient(Exchange, address);
  onTestFinished(() => client.close());

  const batches = async function* () {
    for (let number = 1; number <= BATCHES; number += 1)
      yield { records: [validLicence({}, { number })] };
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
  expect(answered).toEqual(
    Array.from(
      { length: BATCHES },
      (_, index) => validLicence({}, { number: index + 1 }).envelope?.messageId,
    ),
  );
});
