import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Knex } from 'knex';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { createIdentity, type Identify, type Register } from '../../server/access/identity.js';
import { issueToken, register } from '../../server/access/principals.js';
import { PROVED, REFUSED } from '../../server/access/proofs.js';
import { hashOfToken, makeToken } from '../../server/access/token.js';
import { CallerLimits } from '../../server/doors/caller-limits.js';
import { HubError } from '../../server/domain/errors.js';
import { createLog } from '../../server/log.js';
import { LOOK_UPS, openAccess } from '../../server/node/access.js';
import { Closers } from '../../server/node/closers.js';
import { readConfig } from '../../server/config.js';
import { openDatabase } from '../../server/storage/database.js';
import type { GoodToken } from '../../server/storage/access.js';
import { failureOf } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const ALL = { regions: null, permitItems: null, actsFor: [] };
const PEER = '192.0.2.7:1';

/** Who tells callers apart, on a register that the test answers for. */
function identityOn(find: Register['findToken'], limits = { inFlight: 100, perSecond: 10_000 }) {
  const clock = { elapsed: 1 };
  const identify = createIdentity({
    register: {
      findToken: find,
      findCertificate: () => Promise.resolve({ revoked: true, principal: undefined }),
    },
    anonymous: 'nobody',
    isNode: () => false,
    limits: new CallerLimits(limits),
    used: () => undefined,
    now: () => Date.UTC(2026, 0, 1),
    elapsed: () => clock.elapsed,
  });
  return { identify, clock };
}

const stored = (token: string): GoodToken => ({
  ...{ role: 'administrator', code: '值班员', ...ALL, disabledAt: null, lastUsedAt: null, id: 1 },
  hash: hashOfToken(token),
  expiresAt: new Date('2030-01-01T00:00:00Z'),
});

async function endOf(identify: Identify, bearer: string, peer = PEER): Promise<string> {
  try {
    await identify({ peer, bearer });
    return 'OK';
  } catch (error) {
    if (error instanceof HubError) return ErrorReason[error.reason];
    throw error;
  }
}

describe('tokens that somebody made up', () => {
  it('are looked up so many at once for one network, and hold up no other and no known caller', async () => {
    const good = makeToken();
    let answer = () => {};
    const gate = new Promise<void>((resolve) => (answer = resolve));
    let asked = 0;
    const { identify, clock } = identityOn(
      async (hash) => {
        asked += 1;
        if (hash.equals(hashOfToken(good))) return stored(good);
        if (asked === 2 || asked === 3) await gate;
        return undefined;
      },
      { inFlight: 2, perSecond: 100 },
    );
    expect(await endOf(identify, good)).toBe('OK');
    const waiting = [endOf(identify, makeToken()), endOf(identify, makeToken())];
    expect(await endOf(identify, makeToken())).toBe('TOO_MANY_CALLS');
    expect(asked).toBe(3);
    clock.elapsed += PROVED.forMs + 1;
    expect(await endOf(identify, good)).toBe('OK');
    expect(asked).toBe(4);
    expect(await endOf(identify, makeToken(), '198.51.100.1:1')).toBe('UNAUTHENTICATED');
    answer();
    expect(await Promise.all(waiting)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('are looked up so often in a second for one network', async () => {
    let asked = 0;
    const { identify } = identityOn(
      async () => {
        asked += 1;
        return undefined;
      },
      { inFlight: 100, perSecond: 3 },
    );
    const ends = await Promise.all(Array.from({ length: 9 }, () => endOf(identify, makeToken())));
    expect(ends.filter((end) => end === 'TOO_MANY_CALLS')).toHaveLength(6);
    expect(asked).toBe(3);
  });

  it('push out none that is good, however many they are', async () => {
    const good = makeToken();
    let asked = 0;
    const { identify } = identityOn(
      async (hash) => {
        if (!hash.equals(hashOfToken(good))) return undefined;
        asked += 1;
        return stored(good);
      },
      { inFlight: 100, perSecond: 100_000 },
    );
    expect(await endOf(identify, good)).toBe('OK');
    for (let one = 0; one <= PROVED.entries; one += 1) await endOf(identify, makeToken());
    expect(await endOf(identify, good)).toBe('OK');
    expect(asked).toBe(1);
  });

  it('are asked about again soon: one that was issued since then is good', async () => {
    const token = makeToken();
    let issued = false;
    const { identify, clock } = identityOn(async () => (issued ? stored(token) : undefined));
    expect(await endOf(identify, token)).toBe('UNAUTHENTICATED');
    issued = true;
    clock.elapsed += REFUSED.forMs + 1;
    expect(await endOf(identify, token)).toBe('OK');
  });

  it('used longest ago go first; one that is used stays', async () => {
    const asked = new Map<string, number>();
    const { identify } = identityOn(
      async (hash) => {
        const key = hash.toString('hex');
        asked.set(key, (asked.get(key) ?? 0) + 1);
        return undefined;
      },
      { inFlight: 100, perSecond: 100_000 },
    );
    const token = makeToken();
    for (let one = 0; one < 2 * REFUSED.entries; one += 1) {
      await endOf(identify, token);
      await endOf(identify, makeToken());
    }
    expect(asked.get(hashOfToken(token).toString('hex'))).toBe(1);
  });
});

describe('the look-up of tokens in the database', () => {
  let node: TestNode;
  let knex: Knex;
  const closers = new Closers();
  const log = createLog('silent', '330000');

  beforeAll(async () => {
    node = await startTestNode({ HUB_ANONYMOUS: 'none' });
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 4 });
    await register(knex, 'administrator', '值班员', ALL);
  });
  afterAll(async () => {
    await closers.closeAll(log);
    await knex.destroy();
    await node.stop();
  });

  it('takes one connection and few statements, however many tokens are made up', async () => {
    const config = readConfig({ HUB_ANONYMOUS: 'none', HUB_CALLER_RATE: '100000' });
    const identify = openAccess(config, { knex }, log, closers);
    let statements = 0;
    let atOnce = 0;
    let most = 0;
    knex.on('query', () => {
      statements += 1;
      most = Math.max(most, (atOnce += 1));
    });
    for (const end of ['query-response', 'query-error']) knex.on(end, () => (atOnce -= 1));
    const calls = Array.from({ length: 2_000 }, (_, at) =>
      endOf(identify, makeToken(), `198.51.100.${at % 100}:1`),
    );
    const { token } = await issueToken(knex, 'administrator', '值班员', 1);
    statements = 0;
    expect(await endOf(identify, token)).toBe('OK');
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['UNAUTHENTICATED']));
    expect(statements).toBeLessThanOrEqual(2_000 / LOOK_UPS.batchSize + 2);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('lets in one that was issued a moment ago, through the door', async () => {
    const ask = async (token: string) => {
      const client = createGrpcClient(DataCenter, node.address, { token });
      const failure = await failureOf(client.getNodeStatus({}));
      client.close();
      return failure;
    };
    expect(await ask(makeToken())).toMatchObject({ reason: 'UNAUTHENTICATED' });
    const { token } = await issueToken(knex, 'administrator', '值班员', 1);
    expect(await ask(token)).toBeUndefined();
  });
});
