import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTHORITY, validRegistration } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { shutOut, tokenFor } from '../support/tokens.js';

const backends = [
  { backend: 'PostgreSQL', redis: false },
  ...(hasRedis ? [{ backend: 'Redis', redis: true }] : []),
];

const QUEUE = '/api/queues?activeQueue=daily&status=delayed&page=1&jobsPerPage=10';

interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: object;
}
interface Queues {
  readonly queues: readonly {
    readonly name: string;
    readonly readOnlyMode: boolean;
    readonly jobs: readonly Job[];
  }[];
}

describe.each(backends)('the queues on $backend', ({ redis }) => {
  const silence = createServer();
  const silent = new Set<Socket>();
  let server: TestRedis | undefined;
  let province: TestNode;
  let board: string;
  let administrator: string;
  let department: string;

  /** A national node that never answers, so that a lane is at work for a while. */
  async function startSilence(): Promise<string> {
    silence.on('connection', (socket) => silent.add(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(silence.address() as AddressInfo).port}`;
  }

  beforeAll(async () => {
    server = redis ? await startRedis() : undefined;
    province = await startTestNode({
      HUB_REGION: '330000',
      HUB_REDIS_URL: server?.url ?? '',
      HUB_UPSTREAM_URL: await startSilence(),
    });
    board = `http://${province.address}/console/queues`;
    administrator = await tokenFor(province, 'administrator', '值班员');
    department = await tokenFor(province, 'department', AUTHORITY.code);
    await province.registration.submitRegistration({
      registration: validRegistration({ catalogVersion: '2019.12-prov' }),
    });
  });
  afterAll(async () => {
    silence.close();
    for (const socket of silent) socket.destroy();
    await province.stop();
    await server?.stop();
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const open = (token: string, method = 'POST') =>
    fetch(`${board}/session`, { method, headers: bearer(token) });
  /** What a browser sends back of an answer's cookie. */
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? '';

  it('are shown to an administrator by a cookie that no script and no other site can use', async () => {
    const session = await open(administrator);
    expect(session.status).toBe(204);
    const [, ...attributes] = session.headers.get('set-cookie')?.split('; ') ?? [];
    expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/console/queues', 'SameSite=Strict']);

    const encrypted = await fetch(`${board}/session`, {
      method: 'POST',
      headers: { ...bearer(administrator), 'x-forwarded-proto': 'https' },
    });
    expect(encrypted.headers.get('set-cookie')).toContain('; Secure');

    const headers = { cookie: cookieOf(session) };
    const page = await fetch(`${board}/`, { headers });
    expect(page.status).toBe(200);
    const html = await page.text();
    expect(html).toContain('队列 · Queues');
    expect(html).not.toContain('https://');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(page.headers.get('cache-control')).toBe('no-store');
    const [, script = ''] = /src="([^"]*main[^"]*\.js)"/.exec(html) ?? [];
    expect((await fetch(`${board}/${script}`, { headers })).status).toBe(200);

    const { queues } = (await (await fetch(board + QUEUE, { headers })).json()) as Queues;
    expect(queues.map(({ name }) => name).sort()).toEqual(['daily', 'deliver']);
    expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    const jobs = queues.find(({ name }) => name === 'daily')?.jobs ?? [];
    expect(jobs).toContainEqual(
      expect.objectContaining({ name: 'reconcile', data: { task: 'reconcile' } }),
    );
    const stats = await fetch(`${board}/api/redis/stats`, { headers });
    expect(stats.status).toBe(200);
  });

  it('are shown to nobody else', async () => {
    // On this trial node who shows nothing may do everything; a proxy's word takes that away.
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    for (const path of ['/', QUEUE, '/static/images/logo.svg', '/session']) {
      const method = path === '/session' ? 'POST' : 'GET';
      const stranger = await fetch(board + path, { method, headers: forwarded });
      expect([path, stranger.status]).toEqual([path, 401]);
      const text = await stranger.text();
      expect(text).toContain('须出示客户端证书或访问令牌');
      expect(text).toContain('Show a client certificate or a token');
      const another = await fetch(board + path, { method, headers: bearer(department) });
      expect([path, another.status]).toEqual([path, 403]);
      expect(await another.text()).toContain('The role department may not call');
    }
    expect((await open(`zzh_${'a'.repeat(43)}`)).headers.get('set-cookie')).toBeNull();
    const stolen = { cookie: `hub_queues=${department}` };
    expect((await fetch(board + QUEUE, { headers: stolen })).status).toBe(403);
  });

  it('are not to be changed', async () => {
    const headers = bearer(administrator);
    const { queues } = (await (await fetch(board + QUEUE, { headers })).json()) as Queues;
    const idsOf = (all: Queues['queues']) =>
      all.find(({ name }) => name === 'daily')?.jobs.map(({ id }) => id);
    const before = idsOf(queues);
    expect(before).toHaveLength(2);
    const [id = ''] = before ?? [];
    const changes = [
      ['PUT', '/api/queues/pause'],
      ['PUT', '/api/queues/daily/retry/failed'],
      ['PUT', `/api/queues/daily/${id}/promote`],
      ['PUT', `/api/queues/daily/${id}/clean`],
      ['POST', '/api/queues/deliver/add'],
      ['DELETE', '/api/job-schedulers/reconcile'],
    ] as const;
    for (const [method, path] of changes) {
      const refused = await fetch(board + path, { method, headers, body: '{}' });
      expect([path, refused.status]).toEqual([path, 405]);
      expect(await refused.text()).toContain('npx hub deliveries retry');
    }
    const after = (await (await fetch(board + QUEUE, { headers })).json()) as Queues;
    expect(idsOf(after.queues)).toEqual(before);
  });

  it('say nothing of an enterprise', async () => {
    const headers = bearer(administrator);
    const asked = '/api/queues?activeQueue=deliver&status=latest&page=1&jobsPerPage=50';
    const jobs = await eventually(async () => {
      const { queues } = (await (await fetch(board + asked, { headers })).json()) as Queues;
      const found = queues.find(({ name }) => name === 'deliver')?.jobs ?? [];
      expect(found).not.toEqual([]);
      return found;
    });
    for (const { data } of jobs) {
      expect(Object.keys(data).sort()).toEqual(['destination', 'lane']);
      expect(data).toMatchObject({ destination: '100000' });
    }
  });

  it('are closed to a cookie whose owner was shut out, and by leaving', async () => {
    const token = await tokenFor(province, 'administrator', '离职者');
    const session = await open(token);
    const headers = { cookie: cookieOf(session) };
    expect((await fetch(board + QUEUE, { headers })).status).toBe(200);
    const left = await open(token, 'DELETE');
    expect([left.status, left.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/^hub_queues=; Max-Age=0;/),
    ]);
    await shutOut(province, 'administrator', '离职者');
    await eventually(async () =>
      expect((await fetch(board + QUEUE, { headers })).status).toBe(401),
    );
  });
});
