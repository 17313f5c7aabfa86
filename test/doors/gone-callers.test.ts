import { PassThrough } from 'node:stream';
import type { UnaryRequest } from '@connectrpc/connect';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, it } from 'vitest';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { translateErrors } from '../../server/doors/connect-errors.js';

/** What Node itself says of a write to an answer whose caller has left. */
function writeToNobody(): Promise<Error> {
  const answer = new PassThrough();
  answer.on('error', () => undefined).destroy();
  return new Promise((resolve) => {
    answer.write('x', (error) => {
      resolve(error ?? new Error('It was written.'));
    });
  });
}

async function* answers() {
  yield await Promise.resolve('first');
  yield 'second';
}

/** A stream as Connect reads it, and what was logged as a defect. */
async function openStream() {
  const defects: unknown[] = [];
  const next = () => Promise.resolve({ stream: true, message: answers() });
  const intercept = translateErrors((defect) => defects.push(defect), new AbortController().signal);
  const request = {
    service: Exchange,
    method: Exchange.method.pullMessages,
    signal: new AbortController().signal,
  } as unknown as UnaryRequest;
  const response = await intercept(next as never)(request);
  const message = response.message as AsyncGenerator<string>;
  expect((await message.next()).value).toBe('first');
  return { message, defects };
}

it('a caller who leaves in the middle of a stream is no defect of the node', async () => {
  const { message, defects } = await openStream();
  const thrown: unknown = await message
    .throw(await writeToNobody())
    .catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(ConnectError);
  expect((thrown as ConnectError).code).toBe(Code.Canceled);
  expect(defects).toEqual([]);
});

it('whatever else is thrown there is one', async () => {
  const { message, defects } = await openStream();
  await expect(message.throw(new TypeError('a defect'))).rejects.toMatchObject({
    code: Code.Internal,
  });
  expect(defects).toHaveLength(1);
});
