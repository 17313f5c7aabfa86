import { describe, expect, it } from 'vitest';
import { CACHE, createIdentity } from '../../server/access/identity.js';
import { hashOfToken, makeToken } from '../../server/access/token.js';

describe('the time of day of a node', () => {
  it('may be set back without a revoked token staying good', async () => {
    const token = makeToken();
    const stored = {
      role: 'department' as const,
      code: '330000000M660',
      regions: null,
      permitItems: null,
      actsFor: [],
      disabledAt: null,
      lastUsedAt: null,
      id: 1,
      hash: hashOfToken(token),
      expiresAt: new Date('2030-01-01T00:00:00Z'),
    };
    let revoked = false;
    let timeOfDay = Date.UTC(2026, 0, 1);
    let elapsed = 0;
    const identify = createIdentity({
      register: {
        findToken: () => Promise.resolve(revoked ? undefined : stored),
        findCertificate: () => Promise.resolve({ revoked: true, principal: undefined }),
      },
      anonymous: 'nobody',
      isNode: () => false,
      used: () => undefined,
      now: () => timeOfDay,
      elapsed: () => elapsed,
    });
    const call = async () => identify({ peer: '127.0.0.1:1', bearer: token });
    expect(await call()).toMatchObject({ code: '330000000M660' });
    revoked = true;
    timeOfDay -= 3_600_000;
    elapsed += CACHE.forMs;
    await expect(call()).rejects.toMatchObject({ reason: expect.anything() });
  });
});
