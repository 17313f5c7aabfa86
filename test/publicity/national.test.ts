import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  registrationInGuangzhou,
  testName,
  testUscc,
  validPublicityChange,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { NUMBERS, SECRETS, startPublishedNode } from './published.js';

const GUANGZHOU = 9;
const GUANGZHOU_NAME = '广州市荔湾千岛9号会展有限公司';

describe('the publicity pages of the national node', () => {
  let national: TestNode;
  let zhejiang: TestNode;
  let guangdong: TestNode;
  beforeAll(async () => {
    const port = await freePort();
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_PORT: String(port),
      HUB_PAGE_RATE: '1000',
    });
    const env = { HUB_UPSTREAM_URL: `http://127.0.0.1:${port}` };
    zhejiang = await startPublishedNode(env);
    guangdong = await startTestNode({ ...env, HUB_REGION: '440000' });
    await guangdong.registration.submitRegistration({
      registration: registrationInGuangzhou({ entName: GUANGZHOU_NAME }, { number: GUANGZHOU }),
    });
    for (const province of [zhejiang, guangdong]) await everythingIsUpFrom(province);
  });
  afterAll(async () => {
    for (const node of [guangdong, zhejiang, national]) await node.stop();
  });

  async function everythingIsUpFrom(province: TestNode): Promise<void> {
    await eventually(async () => {
      expect(await province.sql('select 1 from deliveries where state = 1')).toEqual([]);
      expect(await province.sql('select 1 from deliveries where state = 2')).not.toEqual([]);
    });
  }

  async function visit({ address }: TestNode, path: string) {
    const answer = await fetch(`http://${address}${path}`, { headers: { accept: 'text/html' } });
    return { status: answer.status, text: await answer.text() };
  }
  const pageOf = (number: number, more = ''): string => `/enterprises/${testUscc(number)}${more}`;
  const search = (words: string): string => `/?q=${encodeURIComponent(words)}`;

  it('R17 R38 show the enterprises of all provinces, a province only its own', async () => {
    const found = await visit(national, search('千岛'));
    expect(found.text).toContain(testName(NUMBERS.full));
    expect(found.text).toContain(GUANGZHOU_NAME);
    const full = await visit(national, pageOf(NUMBERS.full));
    for (const text of [
      testName(NUMBERS.full),
      'JY33309020000001',
      '食品经营许可(仅销售预包装食品)',
      '食品经营单位双随机抽查',
      '浙市监处罚〔2019〕1号',
      '由浙江省记名公示',
    ])
      expect(full.text).toContain(text);
    expect((await visit(national, pageOf(GUANGZHOU))).text).toContain('荔湾区市场监督管理局');

    expect((await visit(guangdong, search('千岛'))).text).not.toContain(testName(NUMBERS.full));
    expect((await visit(guangdong, pageOf(NUMBERS.full))).status).toBe(404);
    expect((await visit(zhejiang, pageOf(GUANGZHOU))).status).toBe(404);
  });

  it('R54 R55 never hold what is not public, in no language and on no part', async () => {
    const parts = ['', '&kind=licence', '&kind=filing', '&kind=inspection', '&kind=penalty'];
    const paths = ['zh', 'en'].flatMap((lang) => parts.map((part) => `?lang=${lang}${part}`));
    for (const path of paths) {
      const { text } = await visit(national, pageOf(NUMBERS.full, path));
      expect(text).toContain(testUscc(NUMBERS.full));
      for (const [name, secret] of Object.entries(SECRETS))
        expect([path, name, text.includes(secret)]).toEqual([path, name, false]);
    }
    for (const secret of [SECRETS.licenceNo, SECRETS.licenceName])
      expect((await visit(national, search(secret))).text).toContain('没有查到');
  });

  it('R55 forget what a province marks as not public later', async () => {
    const licences = pageOf(NUMBERS.full, '?kind=licence&page=7');
    expect((await visit(national, licences)).text).toContain('JY33309020000001');
    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange() });
    await eventually(async () => {
      const { text } = await visit(national, licences);
      expect(text).toContain('JY-REVOKED');
      expect(text).not.toContain('JY33309020000001');
    });
  });
});
