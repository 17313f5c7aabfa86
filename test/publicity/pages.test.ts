import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  testMessageId,
  testName,
  testUscc,
  validChange,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { HOSTILE_NAME, NUMBERS, SECRETS, startPublishedNode } from './published.js';

const HTML = { accept: 'text/html,*/*' };
const FULL = `/enterprises/${testUscc(NUMBERS.full)}`;

/** What a browser asks for, without following where it is sent. */
function visit(
  node: Pick<TestNode, 'address'>,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const init = { headers: { ...HTML, ...headers }, redirect: 'manual' } as const;
  return fetch(`http://${node.address}${path}`, init);
}

describe('the publicity pages', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startPublishedNode({ HUB_PAGE_RATE: '1000' });
  });
  afterAll(() => node.stop());

  async function textOf(path: string, headers: Record<string, string> = {}): Promise<string> {
    return (await visit(node, path, headers)).text();
  }

  it('R17 R41 show the five classes of an enterprise, with authority and source', async () => {
    const page = await textOf(FULL);
    for (const text of [
      testName(NUMBERS.full),
      '舟山市定海区市场监督管理局',
      'JY33309020000001',
      '食品经营许可(仅销售预包装食品)',
      '食品经营单位双随机抽查',
      '浙市监处罚〔2019〕1号',
      '浙江省市场监督管理局</dd>',
      '由浙江省记名公示',
    ])
      expect(page).toContain(text);
  });

  it('VR19 show a change once that was sent twice', async () => {
    const number = 500;
    const catalogue = { catalogVersion: '2019.12-prov' };
    const [line] = validChange({}, { number }).changes;
    await node.registration.submitRegistration({
      registration: validRegistration(catalogue, { number }),
    });
    const { warnings } = await node.registration.submitRegistration({
      registration: validChange(
        { ...catalogue, changes: [line!, line!, { ...line!, altItem: '1' }] },
        { number, envelope: { businessKey: 'REG-500-2', recordVersion: 1n } },
      ),
    });
    const repeated = warnings.filter(({ code }) => code === 'CHANGE_DUPLICATE');
    expect(repeated.map(({ field }) => field)).toEqual(['changes[1]', 'changes[2]']);
    const page = await textOf(`/enterprises/${testUscc(number)}`);
    const shown = page.split('变更: 名称').length - 1;
    expect(shown).toBe(1);
  });

  it('VR10 name a change by its item, also where that has one digit', async () => {
    const number = 501;
    const catalogue = { catalogVersion: '2019.12-prov' };
    await node.registration.submitRegistration({
      registration: validRegistration(catalogue, { number }),
    });
    const [line] = validChange({}, { number }).changes;
    await node.registration.submitRegistration({
      registration: validChange(
        { ...catalogue, changes: [{ ...line!, altItem: '1', altItemName: '' }] },
        { number, envelope: { businessKey: 'REG-501-2', recordVersion: 1n } },
      ),
    });
    expect(await textOf(`/enterprises/${testUscc(number)}`)).toContain('变更: 名称');
  });

  it('VR9 show no date that a system fills in where it has none', async () => {
    const number = 502;
    await node.registration.submitRegistration({
      registration: validRegistration(
        {
          catalogVersion: '2019.12-prov',
          opFrom: '1900-01-01',
          opTo: '2099-12-31',
          opLongTerm: false,
        },
        { number },
      ),
    });
    const { results } = await node.exchange.batchSubmitRecords({
      records: [
        validLicence({ valFrom: '2019-12-18', valTo: '9999-12-31' }, { number }),
        validPenalty({ publicityTo: '9999-09-09' }, { number }),
        validPenalty(
          { caseId: 'CASE-502-2', publicityTo: '1900-01-01' },
          { number, envelope: { messageId: testMessageId(41, number) } },
        ),
      ],
    });
    expect(results.map(({ outcome }) => outcome.case)).toEqual(['receipt', 'receipt', 'receipt']);
    const address = `/enterprises/${testUscc(number)}`;
    const pages = { zh: await textOf(address), en: await textOf(`${address}?lang=en`) };
    for (const page of Object.values(pages))
      for (const filler of ['1900-01-01', '2099-12-31', '9999-12-31', '9999-09-09'])
        expect(page).not.toContain(filler);
    expect(pages.zh).toContain('未载明 至 长期');
    expect(pages.zh).toContain('2019-12-18 至 长期');
    expect(pages.zh.split('公示截止').length - 1).toBe(1);
    expect(pages.en).toContain('not stated to no end');
  });

  it('R17 tell what holds and what has ended', async () => {
    const page = await textOf(FULL);
    const [held = ''] = /id="holds"[^]*?<\/table>/.exec(page) ?? [];
    expect(held).toContain('JY33309020000001');
    expect(held).not.toContain('JY-EXPIRED');
    expect(held).not.toContain('JY-REVOKED');
    expect(page).toContain('有效期至 2024-12-17,已过期');
    expect(page).toContain('已吊销 2020-03-01 起');
  });

  it('R54 R55 VR28 hold nothing that is not public, in no language and on no part', async () => {
    const parts = ['', '&kind=licence', '&kind=inspection', '&kind=penalty', '&page=9'];
    const paths = ['zh', 'en'].flatMap((lang) => parts.map((part) => `?lang=${lang}${part}`));
    for (const path of paths) {
      const page = await textOf(`${FULL}${path}`);
      expect(page).toContain(testUscc(NUMBERS.full));
      for (const [name, secret] of Object.entries(SECRETS))
        expect([path, name, page.includes(secret)]).toEqual([path, name, false]);
    }
    for (const secret of [SECRETS.licenceNo, SECRETS.licenceName]) {
      const found = await textOf(`/?q=${encodeURIComponent(secret)}`);
      expect(found).toContain('没有查到');
    }
  });

  it('R55 forget a record that is marked as not public', async () => {
    const uscc = testUscc(NUMBERS.full);
    expect(await textOf(`/enterprises/${uscc}?kind=licence&page=7`)).toContain('JY33309020000001');
    const { receipt } = await node.exchange.setRecordPublicity({ change: validPublicityChange() });
    expect(receipt).toBeDefined();
    await eventually(async () => {
      const page = await textOf(`/enterprises/${uscc}?kind=licence&page=7`);
      expect(page).toContain('JY-REVOKED');
      expect(page).not.toContain('JY33309020000001');
    });
  });

  it('escape whatever a name holds', async () => {
    const uscc = testUscc(NUMBERS.hostile);
    for (const path of [`/enterprises/${uscc}`, `/?q=${encodeURIComponent(testName(2))}`]) {
      const page = await textOf(path);
      expect(page).not.toContain('<script');
      expect(page).not.toContain('<img');
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;');
    }
    const asked = await textOf(`/?q=${encodeURIComponent(HOSTILE_NAME)}`);
    expect(asked).toContain('value="&quot;&gt;&lt;script&gt;');
    expect(asked).not.toContain('<script');
  });

  it('R48 list enterprises of nearly one name, page by page', async () => {
    const codes = (page: string): string[] =>
      [...page.matchAll(/href="\/enterprises\/(\w{18})/g)].map(([, code]) => code ?? '');
    const first = await textOf(`/?q=${encodeURIComponent('同名')}`);
    const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
    const second = await textOf(next.replaceAll('&amp;', '&'));
    const all = [...codes(first), ...codes(second)];
    expect([codes(first).length, new Set(all).size]).toEqual([20, NUMBERS.crowd]);
  });

  it('lead straight to the enterprise of a code, in the language that was chosen', async () => {
    const code = testUscc(NUMBERS.full).toLowerCase();
    const { status, headers } = await visit(node, `/?q=${code}&lang=en`);
    expect([status, headers.get('location')]).toEqual([303, `${FULL}?lang=en`]);
  });

  it('speak the language of the browser, unless another is chosen', async () => {
    const english = { 'accept-language': 'en-GB,en;q=0.9' };
    expect(await textOf('/')).toContain('<html lang="zh-CN">');
    expect(await textOf('/', english)).toContain('<html lang="en">');
    expect(await textOf('/?lang=zh', english)).toContain('<html lang="zh-CN">');
    const { headers } = await visit(node, '/', english);
    expect(headers.get('vary')).toContain('Accept-Language');
  });

  it('are not sent again to a browser that has them', async () => {
    const { headers } = await visit(node, FULL);
    const tag = headers.get('etag') ?? '';
    expect(headers.get('cache-control')).toBe('public, max-age=10');
    const again = await visit(node, FULL, { 'if-none-match': `"other", W/${tag}` });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const other = await visit(node, `${FULL}?lang=en`, { 'if-none-match': tag });
    expect(other.status).toBe(200);
  });

  it('allow no script, no frame and no referrer', async () => {
    for (const path of ['/', FULL, '/nowhere']) {
      const { headers } = await visit(node, path);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('bring their style from the same node, for good', async () => {
    const [, path = ''] = /rel="stylesheet" href="([^"]+)"/.exec(await textOf('/')) ?? [];
    const { status, headers } = await fetch(`http://${node.address}${path}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
    expect(headers.get('cache-control')).toContain('immutable');
  });

  it('say beside the form what is wrong with a question', async () => {
    const short = await visit(node, '/?q=x');
    expect([short.status, await short.text()]).toEqual([
      400,
      expect.stringContaining('检索词至少 2 个字符'),
    ]);
    const forged = await visit(node, '/?q=%E5%90%8C%E5%90%8D&after=forged&lang=en');
    expect(forged.status).toBe(400);
    expect(await forged.text()).toContain('role="alert"');
    expect((await visit(node, '/?q=a%00b')).status).toBe(400);
  });

  it.each([
    ['an enterprise that is not there', `/enterprises/${testUscc(99_999)}`],
    ['an address that is no page', '/favicon.ico'],
    ['an address that is hardly one', '//example.com/%00?%'],
  ])('say so for %s', async (_, path) => {
    const { status, headers } = await visit(node, path);
    expect([status, headers.get('cache-control')]).toEqual([404, 'no-store']);
  });

  it('leave programs, and what they send, to the other pages', async () => {
    const plain = await fetch(`http://${node.address}/`);
    expect(plain.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const posted = await fetch(`http://${node.address}/`, { method: 'POST', headers: HTML });
    expect(posted.status).toBe(405);
    const head = await fetch(`http://${node.address}${FULL}`, { method: 'HEAD', headers: HTML });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('R17 R38 find only enterprises that this node publishes', async () => {
    const uscc = testUscc(NUMBERS.alike);
    const query = `/?q=${encodeURIComponent(`同名${NUMBERS.alike}号`)}`;
    expect(await textOf(query)).toContain(uscc);
    await node.sql("update enterprises set home_node = '440000' where uscc = ?", [uscc]);
    expect(await textOf(`${query}&lang=en`)).not.toContain(uscc);
    expect((await visit(node, `/enterprises/${uscc}`)).status).toBe(404);
  });

  it('R54 show a caller with a token, or on trial, no more than the public', async () => {
    const shown = await textOf(FULL);
    expect(await textOf(FULL, { authorization: 'Bearer zh_forged' })).toBe(shown);
  });

  it('are closed to what a proxy passed on while the node is on trial', async () => {
    const passedOn = await visit(node, FULL, { 'x-forwarded-for': '192.0.2.1' });
    expect(passedOn.status).toBe(403);
  });
});

describe('the publicity pages of other nodes', () => {
  it('are closed where callers that show nothing are not let in', async () => {
    const node = await startTestNode({ HUB_ANONYMOUS: 'none' });
    const answers = await Promise.all([visit(node, '/'), visit(node, FULL)]);
    await node.stop();
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  it('R17 ask what the public may ask through every door, which is no read of others’ data', async () => {
    const node = await startTestNode({ HUB_ANONYMOUS: 'public' });
    const { enterprises } = await node.dataCenter.searchEnterprises({ query: '同名' });
    const page = await visit(node, `/?q=${encodeURIComponent('同名')}`);
    const reads = await node.sql("select action from audit_entries where action ~ 'Search'");
    await node.stop();
    expect([enterprises, page.status, reads]).toEqual([[], 200, []]);
  });

  it('give an address that comes too often a time to wait', async () => {
    const node = await startTestNode({ HUB_PAGE_RATE: '3' });
    const statuses: number[] = [];
    for (let time = 0; time < 3; time += 1) statuses.push((await visit(node, '/')).status);
    const refused = await visit(node, '/?lang=en');
    await node.stop();
    expect(statuses).toEqual([200, 200, 200]);
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(await refused.text()).toContain(`Please try again in ${wait} seconds.`);
  });
});
