import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AUTHORITY } from '../support/builders.js';
import { barriers, hasBrowser, overflowOf, signIn, type Language } from './browser.js';
import { openStage, type Stage } from './stage.js';

vi.setConfig({ testTimeout: 240_000 });

/** Every view, what is asked of it, its heading, and something that only the data can say. */
const VIEWS = (stage: Stage) =>
  [
    { view: 'status', zh: ['节点状态', '总局 100000'], en: ['Status', 'SAMR 100000'] },
    {
      view: `message?id=${stage.registrationId}`,
      zh: ['消息追踪', '登记信息已公示'],
      en: ['Trace a message', 'registration published'],
    },
    { view: 'deliveries', zh: ['投递与死信', '已确认'], en: ['Deliveries', 'Acknowledged'] },
    { view: 'worklist', zh: ['记名工作', '名称不符'], en: ['Attribution', 'Name differs'] },
    {
      view: `packages?department=${AUTHORITY.code}`,
      zh: ['数据包', '国家共享交换'],
      en: ['Packages', 'national exchange'],
    },
    { view: 'catalogue?query=cyfw', zh: ['目录检索', '餐饮服务'], en: ['Catalogue', 'PX-0035'] },
    {
      view: 'releases?layer=330000',
      zh: ['目录版本', '地方许可事项'],
      en: ['Releases', '2019.12-prov-33'],
    },
    { view: 'report', zh: ['交换报表', AUTHORITY.name], en: ['Report', AUTHORITY.name] },
    { view: 'reconcile?peer=100000', zh: ['对账', '每日往来'], en: ['Reconciliation', 'Digest'] },
    { view: 'audit?kind=SUBMISSION', zh: ['审计', 'APPLIED'], en: ['Audit', 'APPLIED'] },
  ] as const;

describe.skipIf(!hasBrowser)('every view of the console', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  }, 240_000);
  afterAll(() => stage.stop());

  it.each<[Language, number]>([
    ['zh', 1280],
    ['en', 1280],
    ['zh', 360],
    ['en', 360],
  ])('has its heading and its data and no barrier, in %s at %d pixels', async (language, width) => {
    const { browser, url, administrator: token } = stage;
    const page = await signIn(browser, url, { token, language, width });
    for (const one of VIEWS(stage)) {
      const [heading, datum] = one[language];
      await page.goto(`${url}#/${one.view}`);
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      await page.getByRole('main').getByText(datum).filter({ visible: true }).first().waitFor();
      const reading = page.locator('[aria-busy=true]');
      await expect.poll(() => reading.count(), { timeout: 30_000 }).toBe(0);
      expect(await barriers(page), one.view).toEqual([]);
      expect(await overflowOf(page), one.view).toBeLessThanOrEqual(0);
      await expect.poll(() => page.title()).toContain(heading);
    }
  });

  it('shows the national node who follows the catalogue and whose audit chain is whole', async () => {
    const { browser, nationalUrl, nationalAdministrator: token } = stage;
    const page = await signIn(browser, nationalUrl, { token });
    const chains = page.getByRole('region', { name: '各省审计链' });
    await chains.getByText('完整').waitFor();
    await page.goto(`${nationalUrl}#/releases`);
    const holders = page.getByRole('region', { name: '各省所持版本' });
    await holders.getByText('浙江省 330000').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
