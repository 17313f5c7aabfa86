import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GetNodeStatusResponseSchema } from '#gen/zhengzhao/v1/data_center_pb.js';
import { AUTHORITY } from '../support/builders.js';
import { barriers, hasBrowser, overflowOf, signIn, type Language } from './browser.js';
import { openStage, type Stage } from './stage.js';

/** Where to keep what was seen, for people to look at. Unset: nowhere. */
const PICTURES = process.env['HUB_TEST_PICTURES'];

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
  });
  afterAll(() => stage.stop());

  // Each language meets each width and each colouring, each width each colouring.
  it.each<[Language, number, 'light' | 'dark']>([
    ['zh', 1280, 'light'],
    ['en', 360, 'light'],
    ['zh', 360, 'dark'],
    ['en', 1280, 'dark'],
  ])('has its heading and its data and no barrier, in %s at %d pixels, %s', async (...how) => {
    const [language, width, colours] = how;
    const { browser, url, administrator: token } = stage;
    const page = await signIn(browser, url, { token, language, width, colours });
    const background = await page.evaluate<string>(
      'getComputedStyle(document.documentElement).backgroundColor',
    );
    expect(background).toBe(colours === 'dark' ? 'rgb(20, 23, 27)' : 'rgb(246, 247, 249)');
    for (const one of VIEWS(stage)) {
      const [heading, datum] = one[language];
      await page.goto(`${url}#/${one.view}`);
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      await page.getByRole('main').getByText(datum).filter({ visible: true }).first().waitFor();
      const reading = page.locator('[aria-busy=true]');
      await expect.poll(() => reading.count()).toBe(0);
      if (PICTURES)
        await page.screenshot({
          path: join(PICTURES, `${[one.view.split('?')[0], ...how].join('-')}.png`),
          fullPage: true,
        });
      expect(await barriers(page), one.view).toEqual([]);
      expect(await overflowOf(page), one.view).toBeLessThanOrEqual(0);
      await expect.poll(() => page.title()).toContain(heading);
    }
  });

  it('has no barrier in a window, in what went wrong and where one signs in, in the dark', async () => {
    const { browser, url, administrator: token } = stage;
    const page = await signIn(browser, url, { token, colours: 'dark' });
    await page.goto(`${url}#/deliveries`);
    await page.getByRole('button', { name: '停止重投' }).click();
    await page.getByRole('dialog').getByLabel('操作人').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.goto(`${url}#/reconcile?peer=440000`);
    await page.getByRole('alert').getByText('peer_node').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: '退出' }).click();
    await page.getByRole('heading', { name: '登录控制台' }).waitFor();
    expect(await barriers(page)).toEqual([]);
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

  it('shows when daily tasks last went well, and the years whose days off are not known', async () => {
    const { browser, url, province, administrator: token } = stage;
    await province.sql(
      `update daily_tasks set succeeded_at = case name when 'history' then now() - interval '2 hours'
                                             else now() - interval '40 hours' end`,
    );
    const page = await signIn(browser, url, { token });
    // What nodes of other days would answer: near its end this year may not know the next one.
    let yearsWithoutHolidays: number[] = [];
    await page.route('**/zhengzhao.v1.DataCenter/GetNodeStatus', async (route) => {
      const response = await route.fetch();
      const status = fromBinary(GetNodeStatusResponseSchema, await response.body());
      await route.fulfill({
        response,
        body: Buffer.from(
          toBinary(GetNodeStatusResponseSchema, { ...status, yearsWithoutHolidays }),
        ),
      });
    });
    await page.goto(`${url}#/status`);
    const tasks = page.getByRole('region', { name: '每日任务' });
    await tasks.getByRole('row', { name: /历史整理 正常/ }).waitFor();
    await tasks.getByRole('row', { name: /对账 逾期/ }).waitFor();
    await province.sql(
      `update daily_tasks set failed_at = now() - interval '1 hour', failure_zh = '未能对账。',
                              failure_en = 'Not compared.' where name = 'history'`,
    );
    await tasks.getByRole('row', { name: /历史整理 失败 .*未能对账。 \d{4}-\d\d-\d\d/ }).waitFor();
    await page.getByText('已掌握', { exact: true }).waitFor();
    expect(await barriers(page)).toEqual([]);

    yearsWithoutHolidays = [2090];
    await page.getByText(/尚不掌握 2090 年/).waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
