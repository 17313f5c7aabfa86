import { describe, expect, it } from 'vitest';
import { createIdentity } from '../../server/access/identity.js';
import { PROVED } from '../../server/access/proofs.js';
import { hashOfToken, makeToken } from '../../server/access/token.js';
import { CallerLimits } from '../../server/doors/caller-limits.js';

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
    let elapsed = 1;
    const identify = createIdentity({
      register: {
        findToken: () => Promise.resolve(revoked ? undefined : stored),
        findCertificate: () => Promise.resolve({ revoked: true, principal: undefined }),
      },
      anonymous: 'nobody',
      isNode: () => false,
      limits: new CallerLimits({ inFlight: 1, perSecond: 10 }),
      used: () => undefined,
      now: () => timeOfDay,
      elapsed: () => elapsed,
    });
    const call = async () => identify({ peer: '127.0.0.1:1', bearer: token });
    expect(await call()).toMatchObject({ code: '330000000M660' });
    revoked = true;
    timeOfDay -= 3_600_000;
    elapsed += PROVED.forMs + 1;
    await expect(call()).rejects.toMatchObject({ reason: expect.anything() });
  });
});
