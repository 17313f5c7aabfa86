import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJsonString } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { BoundService } from '../../server/doors/service.js';
import { bindSome, startNode } from '../doors/node.js';
import { REGISTRY_ORG, validRegistration } from '../support/builders.js';
import { hubJson } from '../support/command-line.js';

const ROWS = 20;

/** A node that refuses every message for now, `times` times each, and takes it then. */
function busy(times: number, batches: number[]): BoundService {
  const refused = new Map<string, number>();
  return bindSome(Registration, {
    batchSubmitRegistrations: async ({ registrations }) => {
      batches.push(registrations.length);
      const results = registrations.map(({ envelope }) => {
        const messageId = envelope?.messageId ?? '';
        const before = refused.get(messageId) ?? 0;
        refused.set(messageId, before + 1);
        if (before >= times)
          return { messageId, outcome: { case: 'receipt' as const, value: { messageId } } };
        const refusal = {
          reason: ErrorReason.BACKLOG_FULL,
          messageZh: '积压已满。',
          messageEn: 'The backlog is full.',
          retryAfterMs: 50n,
        };
        return { messageId, outcome: { case: 'refusal' as const, value: refusal } };
      });
      return { results };
    },
  });
}

describe('a file for a node that takes nothing for now', () => {
  let dir: string;
  let file: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hub-busy-'));
    file = join(dir, 'registrations.ndjson');
    const lines = Array.from({ length: ROWS }, (_, at) =>
      toJsonString(RegistrationEventSchema, validRegistration({}, { number: at + 1 })),
    );
    await writeFile(file, `${lines.join('\n')}\n`);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const register = (address: string, patience: number) =>
    hubJson<object>([
      ...['register', file, '--server', address],
      ...['--source-node', '330000', '--source-org', REGISTRY_ORG],
      ...['--patience', String(patience), '--batch', '2'],
    ]);

  it('is sent again until it is taken, in batches as large as was said', async () => {
    const batches: number[] = [];
    const { address } = await startNode([busy(2, batches)]);
    const told = await register(address, 60);
    expect(told).toMatchObject({ code: 0, json: { rows: ROWS, accepted: ROWS, refused: 0 } });
    expect(batches.reduce((sum, count) => sum + count)).toBe(ROWS * 3);
    expect(Math.max(...batches)).toBeLessThanOrEqual(2);
  });

  it('is given up when the patience is over, with what the node said', async () => {
    const { address } = await startNode([busy(Infinity, [])]);
    const { code, json } = await register(address, 1);
    expect(code).toBe(3);
    expect(json).toMatchObject({
      error: { reason: 'BACKLOG_FULL', messageZh: '积压已满。', messageEn: 'The backlog is full.' },
    });
  });
});
