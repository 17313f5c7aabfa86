import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Exchange,
  PullMessagesRequestSchema,
  type PullMessagesResponse,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { guardAccess } from '../../server/access/guard.js';
import { EVERYTHING, NOBODY } from '../../server/domain/access/principal.js';
import { unauthenticated } from '../../server/domain/access/judge.js';
import type { Call } from '../../server/doors/service.js';
import { AUTHORITY, validLicence } from '../support/builders.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { shutOut, tokenFor } from '../support/tokens.js';

describe('a call that goes on', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000', HUB_ANONYMOUS: 'none' });
  });
  afterAll(() => node.stop());

  it('R49 a stream takes nothing more from who is shut out, and ends as a new call would', async () => {
    const token = await tokenFor(node, 'department', AUTHORITY.code);
    const client = createGrpcClient(Exchange, node.address, { token });
    let number = 0;
    let taken = 0;
    async function* batches() {
      for (;;) yield { records: [validLicence({}, { number: (number += 1) })] };
    }
    const stream = (async () => {
      for await (const { results } of client.streamRecords(batches())) {
        taken += results.length;
        if (taken === 1) await shutOut(node, 'department', AUTHORITY.code);
      }
    })();
    const failure = await failureOf(stream);
    expect(taken).toBeGreaterThan(0);
    expect(failure?.reason).toBe('UNAUTHENTICATED');
    const again = await failureOf(client.submitRecord({ record: validLicence() }));
    expect(again?.message).toBe(failure?.message);
    client.close();
  });

  it('R18 what a node fetches ends with its certificate', async () => {
    let valid = true;
    const methods = {
      async *pullMessages() {
        yield { deliveryId: '1' };
        valid = false;
        yield { deliveryId: '2' };
      },
    };
    const guarded = guardAccess({ service: Exchange, methods }, () => {
      if (!valid) throw unauthenticated();
      return { role: 'node', code: '330000', scope: EVERYTHING };
    });
    const call: Call = {
      signal: new AbortController().signal,
      cancelled: false,
      caller: { peer: '127.0.0.1' },
      principal: NOBODY,
      door: 'grpc',
    };
    const pull = guarded.methods['pullMessages'] as (
      request: object,
      call: Call,
    ) => AsyncIterable<PullMessagesResponse>;
    const fetched: string[] = [];
    const stream = (async () => {
      const request = create(PullMessagesRequestSchema, { node: '330000' });
      for await (const { deliveryId } of pull(request, call)) fetched.push(deliveryId);
    })();
    await expect(stream).rejects.toThrow('UNAUTHENTICATED');
    expect(fetched).toEqual(['1']);
  });
});
