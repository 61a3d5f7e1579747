import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { type OpenOptions, type Opened, open } from './open.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 8_000;

/** What went wrong in a page: errors in its console, and breaches of its Content-Security-Policy. */
export const faults = new WeakMap<Page, string[]>();

/** An application with a dashboard, and a browser that shows it. */
export interface Visit {
  readonly opened: Opened;
  readonly page: Page;
}

/** Opens a page that shows nothing yet. */
export async function pageOf(browser: Browser, context: BrowserContextOptions = {}): Promise<Page> {
  const made = await browser.newContext(context);
  onTestFinished(() => made.close());
  const page = await made.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const found: string[] = [];
  faults.set(page, found);
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy'))
      found.push(message.text());
  });
  return page;
}

/** Opens an application with one instance of its template, and shows its dashboard. */
export async function visit(
  browser: Browser,
  options: OpenOptions = {},
  context: BrowserContextOptions = {},
): Promise<Visit> {
  const opened = await open(options);
  const page = await pageOf(browser, context);
  await opened.pyncette.scheduleTask('greet', 'ada', { interval: '1h', args: { name: 'ada' } });
  await page.goto(`${opened.url}/pyncette`);
  await page.getByText('Live', { exact: true }).waitFor();
  return { opened, page };
}

/** Shows a view, and waits until it is there. */
export async function go(page: Page, view: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
  await page.locator('main h1').first().waitFor({ state: 'attached' });
  await page.locator('.loading').first().waitFor({ state: 'detached' });
}

/** Presses the button of an action, and confirms. */
export async function act(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button').last().click();
  await dialog.waitFor({ state: 'hidden' });
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds in what is shown, from serious on. `rules`: by which; default: all. */
export async function seriousFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe);
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules });
  const { violations } = await page.evaluate<{ violations: Violation[] }>(`axe.run(${options})`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
