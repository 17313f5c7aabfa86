import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus, ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import { AUTHORITY } from '../support/builders.js';
import { eventually } from '../support/nodes.js';
import { barriers, hasBrowser, openTab, signIn } from './browser.js';
import { openStage, RIGHT_USCC, type Stage } from './stage.js';

describe.skipIf(!hasBrowser)('in the console', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.stop());

  /** A tab of the administrator at a view. */
  async function at(view: string, language: 'zh' | 'en' = 'zh'): Promise<Page> {
    const { browser, url, administrator: token } = stage;
    const page = await signIn(browser, url, { token, language });
    await page.goto(`${url}#/${view}`);
    return page;
  }

  async function packages() {
    const asked = { receivingDeptCode: AUTHORITY.code };
    return (await stage.province.dataCenter.listPackages(asked)).packages;
  }

  it('one signs in with a token that stays in the tab, and out again', async () => {
    const { browser, url, administrator } = stage;
    const page = await openTab(browser);
    await page.goto(url);
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('访问令牌').fill(`zzh_${'a'.repeat(43)}`);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('alert').getByText('身份未通过').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel('访问令牌').fill(administrator);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('heading', { name: '节点状态' }).waitFor();
    await page.getByRole('banner').getByText('运维 值班员').waitFor();

    expect(page.url()).not.toContain(administrator);
    const kept = await page.evaluate<string[]>(
      '[JSON.stringify(localStorage), document.cookie, document.body.outerHTML]',
    );
    expect(kept.join()).not.toContain(administrator);
    await page.reload();
    await page.getByRole('heading', { name: '节点状态' }).waitFor();
    await page.getByRole('button', { name: '退出' }).click();
    await page.getByRole('heading', { name: '登录控制台' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('a role is told what it may not see, and sees what it may', async () => {
    const { browser, url, department: token } = stage;
    const page = await signIn(browser, url, { token, language: 'en' });
    const alert = page.getByRole('alert');
    await alert.getByText('The role department may not call').waitFor();
    await page.getByRole('banner').getByText(`department ${AUTHORITY.code}`).waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.goto(`${url}#/packages?department=${AUTHORITY.code}`);
    await page
      .getByRole('button', { name: /^Fetch package/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('千岛1号餐饮管理有限公司').waitFor();
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('region', { name: 'Packages' }).getByText('Sent').waitFor();
    expect((await packages())[0]?.status).toBe(PackageStatus.SENT);
  });

  it('what the hub finds wrong is shown with field, rule and how to mend it', async () => {
    const page = await at('reconcile?peer=440000');
    const findings = page.getByRole('alert').getByRole('table');
    await findings.getByText('peer_node').waitFor();
    expect(await findings.getByRole('row').nth(1).textContent()).toContain('错误');
    expect(await barriers(page)).toEqual([]);
    await page.goto(`${stage.url}#/message?id=00000000-0000-4000-8000-00000000abcd`);
    await page.getByRole('alert').getByText('没有找到').waitFor();
  });

  it('a dead letter is replayed, with who asked and why', async () => {
    const { province, registrationId } = stage;
    const [row] = await province.sql<{ id: string }>(
      `update deliveries set state = 3, settled_at = now(), last_reason = 12, last_error = 'peer refused'
        where id = (select min(d.id) from deliveries d join messages m on m.seq = d.message_seq
                     where m.message_id = ?) returning id`,
      [registrationId],
    );
    const id = String(row?.id);
    const page = await at('status');
    await page.getByRole('region', { name: '链路' }).getByRole('link', { name: '1' }).click();
    await page.getByRole('heading', { name: '投递与死信' }).waitFor();
    await page.getByRole('button', { name: `重投 ${id}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(`投递 ${id} 将再次发往 100000`).waitFor();
    expect(await barriers(page)).toEqual([]);
    await dialog.getByRole('button', { name: '重新投递' }).click();
    expect(await dialog.isVisible(), 'nothing without a name and a reason').toBe(true);
    await dialog.getByLabel('操作人').fill('王值班');
    await dialog.getByLabel('理由').fill('对方已修复');
    await dialog.getByRole('button', { name: '重新投递' }).click();
    await page.getByRole('status').getByText('已重开 1 条').waitFor();

    const sent = await eventually(async () => {
      const asked = { messageId: registrationId };
      const { deliveries } = await province.exchange.listDeliveries(asked);
      const found = deliveries.find(({ deliveryId }) => deliveryId === id);
      if (found?.state !== DeliveryState.ACKNOWLEDGED) throw new Error('not taken yet');
      return found;
    });
    expect(sent).toMatchObject({ replayedBy: '王值班', replayReason: '对方已修复' });
    await page.goto(`${stage.url}#/deliveries?message=${registrationId}`);
    await page.getByText('王值班 (对方已修复)').waitFor();
    await page.goto(`${stage.url}#/audit?actor=${encodeURIComponent('administrator:值班员')}`);
    await page.getByText('deliveries.retry').waitFor();
    await page.getByText('reason=对方已修复').waitFor();
  });

  it('R29 a waiting record is attributed to the enterprise that a person chose', async () => {
    const { province, misnamedId } = stage;
    const page = await at('worklist', 'en');
    await page.getByRole('button', { name: `Attribute ${misnamedId}` }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('radio').first().isChecked()).toBe(true);
    await dialog.getByText(RIGHT_USCC).waitFor();
    expect(await barriers(page)).toEqual([]);
    await dialog.getByLabel('Who does it').fill('Wang');
    await dialog.getByRole('button', { name: 'Attribute' }).click();
    await page.getByRole('status').getByText('Attributed.').waitFor();

    const asked = { messageId: misnamedId, sourceNode: '330000', localOnly: true };
    const line = await province.exchange.getMessage(asked);
    expect(line.namingState).toBe(NamingState.NAMED);
    expect(line.steps.map(({ textEn }) => textEn).join()).toContain('by Wang');
  });

  it('R29 a record of nobody known is sent back with the reason', async () => {
    const { province, unknownId } = stage;
    const page = await at('worklist');
    await page.getByRole('button', { name: `记名 ${unknownId}` }).click();
    const attribute = page.getByRole('dialog');
    await attribute.getByRole('radio', { name: '其他企业' }).check();
    await attribute.getByLabel('统一社会信用代码').fill('91330902MA20000000');
    await attribute.getByLabel('操作人').fill('王值班');
    await attribute.getByRole('button', { name: '记名' }).click();
    await attribute.getByRole('alert').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: `退回 ${unknownId}` }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('操作人').inputValue(), 'the name is known by now').toBe(
      '王值班',
    );
    await dialog.getByLabel('理由').fill('查无此企业');
    await dialog.getByRole('button', { name: '退回' }).click();
    await page.getByRole('status').getByText('已退回').waitFor();

    const asked = { messageId: unknownId, sourceNode: '330000', localOnly: true };
    const line = await province.exchange.getMessage(asked);
    expect(line.steps.map(({ textZh }) => textZh).join()).toContain('查无此企业');
  });

  it('R33 F22 a package is received, and another returned', async () => {
    const [, second, third] = await packages();
    const page = await at(`packages?department=${AUTHORITY.code}`);
    const acknowledge = async (id: string | undefined, status: string, more: object) => {
      await page.getByRole('button', { name: `数据包 ${id} 的回执` }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('达到的状态').selectOption(status);
      for (const [label, text] of Object.entries(more)) await dialog.getByLabel(label).fill(text);
      await dialog.getByLabel('操作人').fill('窗口一');
      return dialog;
    };
    const receipt = await acknowledge(second?.packageId, 'DEEMED_DELIVERED', {
      平台回执号: 'QZJ-1',
    });
    expect(await barriers(page)).toEqual([]);
    await receipt.getByRole('button', { name: '视为已送达' }).click();
    await page.getByRole('status').getByText(`${second?.packageId}:视为已送达`).waitFor();
    const received = await acknowledge(second?.packageId, 'RECEIVED', {});
    await received.getByRole('button', { name: '已接收' }).click();
    await page.getByRole('status').getByText('已接收').waitFor();

    const early = await acknowledge(third?.packageId, 'RETURNED', { 说明: '不属本部门' });
    await early.getByLabel('退回原因').selectOption('SCOPE_NOT_OURS');
    await early.getByRole('button', { name: '已退回' }).click();
    await early.getByRole('alert').getByText('不允许这一步').waitFor();
    await early.getByRole('button', { name: '取消' }).click();
    const sent = { packageId: third?.packageId ?? '', receivingDeptCode: AUTHORITY.code };
    await stage.province.dataCenter.getPackage(sent);
    const returned = await acknowledge(third?.packageId, 'RETURNED', {});
    await returned.getByLabel('退回原因').selectOption('SCOPE_NOT_OURS');
    await returned.getByRole('button', { name: '已退回' }).click();
    await page.getByRole('status').getByText('已退回').waitFor();

    const [, delivered, back] = await packages();
    expect(delivered).toMatchObject({
      status: PackageStatus.RECEIVED,
      platformReceiptNo: 'QZJ-1',
    });
    expect(back).toMatchObject({
      status: PackageStatus.RETURNED,
      returnReason: ReturnReason.SCOPE_NOT_OURS,
    });
    await page.goto(`${stage.url}#/report`);
    await page.getByRole('region', { name: '映射缺陷' }).getByText('PX-0035').waitFor();
  });

  it('the queues are looked into, by whoever signed in and until then', async () => {
    const page = await at('status');
    await page.getByRole('button', { name: '查看队列' }).click();
    await page.waitForURL(`${stage.url}queues/`);
    await page
      .getByRole('link', { name: /deliver/ })
      .first()
      .waitFor();
    await page.getByText('daily').first().waitFor();
    expect(page.url()).not.toContain(stage.administrator);
    expect(await page.evaluate('document.cookie')).toBe('');
    // Its page asks nobody else for anything, and does nothing that its policy has to stop.
    await page.getByRole('link', { name: /daily/ }).first().click();
    await page.getByText('reconcile').first().waitFor();
    const pause = await page.evaluate<number>(
      `fetch('${stage.url}queues/api/queues/daily/pause', { method: 'PUT' }).then(({ status }) => status)`,
    );
    expect(pause).toBe(405);

    await page.goto(stage.url);
    await page.getByRole('button', { name: '退出' }).click();
    await page.getByRole('heading', { name: '登录控制台' }).waitFor();
    await expect.poll(async () => (await page.context().cookies()).length).toBe(0);
  });

  it('the keyboard is enough', async () => {
    const { browser, url, administrator } = stage;
    const page = await openTab(browser);
    await page.goto(url);
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () =>
      page.evaluate<string>(
        `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent`,
      );
    /** Goes on by Tab until this has the focus, as a person would. */
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await press('Tab');
        if ((await focused()) === name) return;
      }
      throw new Error(`${name} is not reached`);
    };
    await press('Tab', 'Tab');
    await page.keyboard.type(administrator);
    await press('Enter');
    await page.getByRole('navigation').waitFor();
    await tabTo('目录检索');
    await press('Enter');
    await page.getByRole('heading', { name: '目录检索' }).waitFor();
    expect(await focused()).toBe('目录检索');
    await press('Tab');
    await page.keyboard.type('cyfw');
    await press('Enter');
    await page.getByText('共 2 条').waitFor();
    await tabTo('查看条目 PA0015');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe(
      'solid',
    );
    await press('Enter');
    await page.getByRole('dialog').getByText('国家市场监督管理总局').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('查看条目 PA0015');
  });
});
