import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testCounterpart, testUscc, validLicence, validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SECRET = 'ZQ秘密许可内容XK7';

describe('metrics and probes', () => {
  let province: TestNode;
  let port: number;

  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  };
  /** Value of the metric with all of these labels; undefined: not there. */
  const valueOf = async (name: string, ...labels: string[]): Promise<number | undefined> => {
    const line = (await get('/metrics')).text
      .split('\n')
      .find((one) => one.startsWith(`${name}{`) && labels.every((label) => one.includes(label)));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
  };

  beforeAll(async () => {
    port = await freePort();
    province = await startTestNode({
      HUB_METRICS: `127.0.0.1:${port}`,
      HUB_UPSTREAM_URL: `http://127.0.0.1:${await freePort()}`,
    });
  });
  afterAll(() => province.stop());

  it('counts what was accepted once, and a repetition as one', async () => {
    const registration = validRegistration({ ...CATALOGUE }, { number: 1 });
    await province.registration.submitRegistration({ registration });
    await province.registration.submitRegistration({ registration });
    expect(await valueOf('hub_accepted_total', 'kind="REGISTRATION"', 'duplicate="false"')).toBe(1);
    expect(await valueOf('hub_accepted_total', 'kind="REGISTRATION"', 'duplicate="true"')).toBe(1);
    expect(await valueOf('hub_routed_total', 'destination="100000"', 'state="open"')).toBe(1);
    expect(
      await valueOf('hub_rpc_seconds_count', 'method="SubmitRegistration"', 'result="OK"'),
    ).toBe(2);
  });

  it('counts a refusal by reason and rule', async () => {
    const registration = validRegistration(
      { ...CATALOGUE, uscc: `${testUscc(2).slice(0, 17)}?` },
      { number: 2 },
    );
    await expect(province.registration.submitRegistration({ registration })).rejects.toThrow();
    expect(await valueOf('hub_refused_total', 'reason="VALIDATION_FAILED"')).toBe(1);
    expect(await valueOf('hub_rule_findings_total', 'rule="VR1"')).toBe(1);
  });

  it('shows what waits for a node that is away, and the attempts at it', async () => {
    await eventually(async () => {
      const attempts = await valueOf('hub_deliveries_total', 'outcome="retry"', '"UNAVAILABLE"');
      expect(attempts).toBeGreaterThan(0);
    });
    // The answer of the database is kept for a while, so the first look may be an old one.
    await eventually(async () => {
      expect(await valueOf('hub_backlog', 'destination="100000"')).toBe(1);
    });
  });

  it('goes on showing what waits when the clock is set back', async () => {
    const clock = Date.now.bind(Date);
    const setBack = vi.spyOn(Date, 'now').mockImplementation(() => clock() - 3_600_000);
    try {
      const registration = validRegistration({ ...CATALOGUE }, { number: 7 });
      await province.registration.submitRegistration({ registration });
      await eventually(async () => {
        expect(await valueOf('hub_backlog', 'destination="100000"')).toBe(2);
      });
    } finally {
      setBack.mockRestore();
    }
  });

  it('R54 counts publicity pages by kind and status, and holds nothing that was asked for', async () => {
    const visit = async (path: string): Promise<void> => {
      const headers = { accept: 'text/html' };
      await (await fetch(`http://${province.address}${path}`, { headers })).text();
    };
    await visit('/');
    await visit(`/?q=${encodeURIComponent(SECRET)}`);
    await visit('/?q=x');
    await visit(`/enterprises/${testUscc(77)}`);
    await visit(`/${encodeURIComponent(SECRET)}`);
    const counted = async (...labels: string[]) => valueOf('hub_page_seconds_count', ...labels);
    await eventually(async () => {
      expect(await counted('page="search"', 'status="200"')).toBe(2);
      expect(await counted('page="search"', 'status="400"')).toBe(1);
      expect(await counted('page="enterprise"', 'status="404"')).toBe(1);
      expect(await counted('page="none"', 'status="404"')).toBe(1);
    });
    const { text } = await get('/metrics');
    expect(text).not.toContain(testUscc(77));
    expect(text).not.toContain(encodeURIComponent(SECRET));
  });

  it('R54 holds nothing of what a message holds', async () => {
    const record = validLicence(
      { counterpart: testCounterpart(1), licItem: SECRET },
      { number: 1, nonPublic: true, nonPublicBasis: '涉及商业秘密' },
    );
    await province.exchange.submitRecord({ record });
    await eventually(async () => {
      expect(await valueOf('hub_accepted_total', 'kind="LICENCE"')).toBe(1);
    });
    const { text } = await get('/metrics');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(testUscc(1));
    expect(text).not.toContain(record.envelope?.messageId);
  });

  it('answers probes, and says what there is elsewhere', async () => {
    expect(await get('/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    expect((await get('/')).status).toBe(404);
  });
});
