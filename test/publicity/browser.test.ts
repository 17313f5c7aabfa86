import { existsSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testName, testUscc } from '../support/builders.js';
import type { TestNode } from '../support/nodes.js';
import { NUMBERS, startPublishedNode } from './published.js';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } } as const;
/** Runs in the page: every violation with the elements that have it. */
const EXAMINATION =
  'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))';
/** Where to keep what was seen, for people to look at. Unset: nowhere. */
const PICTURES = process.env['HUB_TEST_PICTURES'];

describe.skipIf(!existsSync(CHROMIUM))('the publicity pages in a browser', () => {
  let node: TestNode;
  let browser: Browser;
  beforeAll(async () => {
    node = await startPublishedNode();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser.close();
    await node.stop();
  });

  /** The one tab, in a language and a size; the policy of the pages is put aside for the examination. */
  async function open(
    path: string,
    locale: 'zh-CN' | 'en-GB',
    size: keyof typeof SIZES = 'desk',
  ): Promise<Page> {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const context = await browser.newContext({ locale, viewport: SIZES[size], bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`http://${node.address}${path}`);
    return page;
  }

  /** Nothing that hinders whoever can not see, point or read small print; nothing sticks out. */
  async function examine(page: Page, name: string): Promise<void> {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    await page.evaluate(axe.source);
    const violations = await page.evaluate(EXAMINATION);
    expect([name, violations]).toEqual([name, []]);
    const overhang = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect([name, await page.evaluate(overhang)]).toEqual([name, 0]);
  }

  it.each([
    ['zh-CN', 'desk', '查询', '现行有效的许可和备案', '重新查询'],
    ['en-GB', 'phone', 'Search', 'Licences and filings in force', 'New search'],
  ] as const)(
    'R17 R41 lead from a name to its records: %s, %s',
    async (locale, size, ask, holds, back) => {
      const page = await open('/', locale, size);
      const named = (step: string): string => `${step}-${locale}-${size}`;
      await examine(page, named('1-form'));
      await page.getByRole('searchbox').fill('同名');
      await page.keyboard.press('Enter');
      await page.getByRole('table').waitFor();
      await examine(page, named('2-results'));
      await page.getByRole('searchbox').fill(testName(NUMBERS.full));
      await page.getByRole('button', { name: ask }).click();
      await page.getByRole('link', { name: testName(NUMBERS.full) }).click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(
        testName(NUMBERS.full),
      );
      expect(await page.getByRole('heading', { name: holds }).count()).toBe(1);
      await examine(page, named('3-enterprise'));
      await page.getByRole('link', { name: back }).click();
      expect(await page.getByRole('searchbox').inputValue()).toBe('');
    },
  );

  it('let the language be switched on every page, and keep it', async () => {
    const page = await open(`/enterprises/${testUscc(NUMBERS.full)}`, 'zh-CN');
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.getByRole('link', { name: 'English' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByRole('link', { name: 'Penalty (1)' }).click();
    expect(await page.locator('.timeline > li').count()).toBe(1);
    await page.getByRole('link', { name: 'New search' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByRole('searchbox').fill('同名');
    await page.getByRole('button', { name: 'Search' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });

  it.each([
    ['a question that is too short', '/?q=x', 'zh-CN', 'phone'],
    ['an address that is no page', '/elsewhere', 'en-GB', 'phone'],
    ['a hostile name', `/enterprises/${testUscc(NUMBERS.hostile)}`, 'zh-CN', 'desk'],
  ] as const)('are as accessible for %s', async (name, path, locale, size) => {
    await examine(await open(path, locale, size), name.replaceAll(' ', '-'));
  });

  it('can be used by keyboard alone, past the header', async () => {
    const page = await open('/', 'zh-CN');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('91330902');
    expect(await page.getByRole('searchbox').inputValue()).toBe('91330902');
  });

  it('run no script and fetch nothing from elsewhere', async () => {
    const page = await open('/', 'zh-CN');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`http://${node.address}/enterprises/${testUscc(NUMBERS.hostile)}`);
    expect(asked.filter((url) => !url.startsWith(`http://${node.address}/`))).toEqual([]);
    expect(await page.locator('script, [onerror], img').count()).toBe(0);
  });
});
