import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findChromium, launchChromium } from './chromium.js';
import { type OpenOptions, open } from './open.js';
import { type Visit, act, faults, go, seriousFaults, visit as visitWith } from './visit.js';

const executable = findChromium();
const VIEWS = ['#/', '#/tasks', '#/tasks/greet', '#/tasks/greet/ada', '#/tasks/regular'];
/** What is evaluated in the page is text: these tests know no types of a browser. */
const GROUND = 'getComputedStyle(document.body).backgroundColor';
const FOCUSED =
  "document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''";

let browser: Browser;

const visit = (options?: OpenOptions, context?: BrowserContextOptions): Promise<Visit> =>
  visitWith(browser, options, context);

beforeAll(async () => {
  if (executable !== null) browser = await launchChromium(executable);
}, 30_000);
afterAll(() => browser?.close());

describe.skipIf(executable === null)('The dashboard in a browser', { timeout: 40_000 }, () => {
  it('loads without an error or a breach of its policy, and shows what happens without being loaded again', async () => {
    const { opened, page } = await visit();
    await page.getByText('Nothing has run yet').waitFor();
    await opened.clock.advance('10s');
    const latest = page.getByRole('region', { name: 'Latest executions' });
    await latest.getByText('regular').waitFor();
    await latest.getByText('Succeeded').waitFor();
    for (const view of VIEWS) await go(page, view);
    expect(faults.get(page)).toEqual([]);
  });

  it('shows what is in args and names as text', async () => {
    const { opened, page } = await visit();
    const name = '<img src=x onerror="window.hacked=1">';
    const args = { name: '<script>window.hacked=1</script>', fails: true };
    await opened.pyncette.scheduleTask('greet', name, { executeIn: '1s', args });
    await opened.clock.advance('2s');
    await go(page, `#/tasks/greet/${encodeURIComponent(name)}`);
    await page.getByRole('heading', { name }).waitFor();
    await page.getByText('"name": "<script>window.hacked=1</script>"').waitFor();
    await page.getByText('no greeting for <script>').waitFor();
    await go(page, '#/tasks/greet');
    await page.getByRole('link', { name }).waitFor();
    expect(await page.evaluate("'hacked' in window")).toBe(false);
    expect(faults.get(page)).toEqual([]);
  });

  it('does what its buttons say', async () => {
    const { opened, page } = await visit();
    const { pyncette, clock } = opened;
    const resumed: unknown[] = [];
    pyncette.events$.subscribe((event) => {
      if (event.type === 'instance:resumed') resumed.push(event.instanceName);
    });
    await go(page, '#/tasks');
    await act(page, 'Pause regular');
    await page.getByText('Paused regular').waitFor();
    expect(await pyncette.isPaused('regular')).toBe(true);
    await act(page, 'Resume regular');
    await page.getByText('Resumed regular').waitFor();
    expect(await pyncette.isPaused('regular')).toBe(false);
    await go(page, '#/tasks/greet');
    await act(page, 'Trigger greet: ada');
    await page.getByText('Triggered greet: ada').waitFor();
    await clock.advance('1s');
    await go(page, '#/');
    await page.getByRole('region', { name: 'Latest executions' }).getByText('ada').waitFor();
    await pyncette.scheduleTask('greet', 'eve', { executeIn: '1s', args: { fails: true } });
    await clock.advance('2s');
    await go(page, '#/tasks/greet/eve');
    await act(page, 'Retry');
    await page.getByText('Retrying greet: eve').waitFor();
    expect(resumed).toEqual([null, 'eve']);
    await act(page, 'Unschedule');
    await page.getByRole('heading', { name: 'greet', exact: true }).waitFor();
    expect(await pyncette.getTask('greet', 'eve')).toBeNull();
  });

  it('asks first, and changes nothing if it is told not to', async () => {
    const { opened, page } = await visit();
    await go(page, '#/tasks');
    const button = page.getByRole('button', { name: 'Pause regular' });
    await button.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Pause it?' });
    await dialog.waitFor();
    expect(await dialog.evaluate((element) => element.matches(':has(:focus)'))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(await button.evaluate((element) => element.matches(':focus'))).toBe(true);
    expect(await opened.pyncette.isPaused('regular')).toBe(false);
  });

  it('is worked by keyboard alone', async () => {
    const { page } = await visit();
    await go(page, '#/tasks');
    await page.getByRole('button', { name: 'Trigger daily' }).waitFor();
    const reached = new Set<string>();
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>(FOCUSED));
    }
    const all = await page
      .locator('button, a')
      .evaluateAll((elements) =>
        elements.map((element) => element.getAttribute('aria-label') ?? element.textContent ?? ''),
      );
    expect(all.length).toBeGreaterThan(12);
    expect(all.filter((label) => !reached.has(label))).toEqual([]);
  });

  it('finds one of ten thousand instances, and pages through them', async () => {
    const { opened, page } = await visit();
    const instances = Array.from({ length: 10_000 }, (_, index) => ({
      instanceName: `user-${String(index).padStart(5, '0')}`,
      interval: '1h',
    }));
    await opened.pyncette.scheduleTasks('greet', instances);
    await go(page, '#/tasks/greet');
    await page.getByText(/^10.?001$/).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2').waitFor();
    await page.getByRole('link', { name: 'user-00060' }).waitFor();
    await page.getByRole('searchbox').fill('user-0777');
    await page.getByRole('link', { name: 'user-07779' }).waitFor();
    expect(await page.getByRole('link', { name: /^user-/ }).count()).toBe(10);
    await page.getByLabel('State').selectOption('parked');
    await page.getByText('None fits').waitFor();
  });

  it('says that the connection is lost, and goes on by itself when the server is back', async () => {
    const { opened, page } = await visit();
    const port = Number(new URL(opened.url).port);
    await opened.close();
    await page.getByText('The connection is lost').waitFor();
    const again = await open({ port });
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 15_000 });
    await again.clock.advance('10s');
    await page.getByRole('region', { name: 'Latest executions' }).getByText('regular').waitFor();
  });

  it('obeys no page of another site', async () => {
    const { opened, page } = await visit();
    const action = `${opened.url}/pyncette/api/actions/pause`;
    const body = JSON.stringify({ task: 'regular', instance: null });
    const evil = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(
        `<form method="post" enctype="text/plain" action="${action}"><input name='${body.slice(0, -1)},"x":"' value='"}'></form>`,
      );
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void evil.close());
    const { port } = evil.address() as AddressInfo;
    await page.goto(`http://localhost:${port}/`);
    const attempts = [
      { mode: 'no-cors', method: 'POST', body },
      { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-pyncette-dashboard': '1' } },
    ];
    for (const attempt of attempts)
      await page.evaluate(
        `fetch(${JSON.stringify(action)}, ${JSON.stringify({ ...attempt, credentials: 'include' })}).catch(() => 0)`,
      );
    const answered = page.waitForResponse(action);
    await page.evaluate('document.forms[0].submit()');
    expect([403, 415]).toContain((await answered).status());
    expect(await opened.pyncette.isPaused('regular')).toBe(false);
  });

  it('offers nothing that a dashboard which is read only would refuse', async () => {
    const { page } = await visit({ dashboard: { readOnly: true } });
    for (const view of VIEWS) {
      await go(page, view);
      expect(await page.getByRole('button', { name: /Trigger|Pause|Unschedule/ }).count()).toBe(0);
    }
    await page.getByText('Read only').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'has no serious fault that axe finds, in the %s theme',
    async (colorScheme) => {
      const { opened, page } = await visit({ scheduler: { history: { retention: '7d' } } }, { colorScheme });
      await opened.pyncette.scheduleTask('greet', 'eve', { executeIn: '1s', args: { fails: true } });
      await opened.pyncette.pauseTask('daily');
      await opened.clock.advance('30s');
      // The themes differ in their colours only.
      const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
      for (const view of [...VIEWS, '#/tasks/greet/eve']) {
        await go(page, view);
        expect(await seriousFaults(page, rules)).toEqual([]);
      }
      await page.getByRole('button', { name: 'Unschedule' }).click();
      expect(await seriousFaults(page, rules)).toEqual([]);
      await page.keyboard.press('Escape');
      const dark = await page.evaluate(GROUND);
      expect(dark).toBe(colorScheme === 'dark' ? 'rgb(16, 20, 19)' : 'rgb(245, 246, 245)');
      await page.getByRole('button', { name: /Switch to the/ }).click();
      await page.reload();
      await page.getByText('Live', { exact: true }).waitFor();
      expect(await page.evaluate(GROUND)).not.toBe(dark);
    },
  );

  it('fits a phone, where axe finds no serious fault either', async () => {
    const { opened, page } = await visit({}, { viewport: { width: 390, height: 844 }, isMobile: true });
    await opened.pyncette.scheduleTask('greet', 'a-very-long-name-without-any-space'.repeat(5), {
      interval: '1h',
    });
    await opened.clock.advance('30s');
    for (const view of VIEWS) {
      await go(page, view);
      const [wide, screen] = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      expect([view, wide]).toEqual([view, screen]);
      expect(await seriousFaults(page)).toEqual([]);
    }
  });
});
