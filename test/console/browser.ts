import { existsSync } from 'node:fs';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const CHROMIUM = process.env['HUB_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Whether there is a browser to test with; CI installs one. */
export const hasBrowser = existsSync(CHROMIUM);

/** A real browser that calls nobody by itself. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** The languages of the console. */
export type Language = 'zh' | 'en';

/** How a tab looks. */
export interface TabOptions {
  /** Pixels; unset: 1280. */
  readonly width?: number;
  /** Which colours its reader prefers; unset: light. */
  readonly colours?: 'light' | 'dark';
}

/** How a page of the console is opened. */
export interface PageOptions extends TabOptions {
  readonly token: string;
  readonly language?: Language;
}

/** A tab of its own, which fails its test when the page itself reports an error. */
export async function openTab(
  browser: Browser,
  { width = 1280, colours = 'light' }: TabOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
    colorScheme: colours,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    // What the hub refuses is shown in the page; the browser also says so here.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) errors.push(message.text());
  });
  onTestFinished(() => expect(errors).toEqual([]));
  return page;
}

/** A tab in which somebody signs in with a token, as a person does. */
export async function signIn(
  browser: Browser,
  url: string,
  { token, language = 'zh', ...tab }: PageOptions,
): Promise<Page> {
  const page = await openTab(browser, tab);
  await page.goto(url);
  if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
  await page.getByLabel(language === 'zh' ? '访问令牌' : 'Token').fill(token);
  await page.getByRole('button', { name: language === 'zh' ? '登录' : 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
  return page;
}

/** What axe finds wrong with what the page shows, by rule and place. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** How far the page is wider than its window, in pixels. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
}
