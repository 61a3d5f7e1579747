import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import type { Browser, Page } from 'playwright-core';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { findChromium, launchChromium } from './chromium.js';
import { open } from './open.js';
import { act, faults, go, pageOf, visit } from './visit.js';

const executable = findChromium();
const INSTANCES = 10_000;
const VIEWS = [
  '#/',
  '#/tasks',
  '#/tasks/greet',
  '#/tasks/greet/user-00777',
  '#/tasks/regular',
  '#/tasks/daily',
];
const WIDTHS = [
  { viewport: { width: 1240, height: 1000 } },
  { viewport: { width: 390, height: 844 }, isMobile: true },
];

let browser: Browser;
beforeAll(async () => {
  if (executable !== null) browser = await launchChromium(executable);
}, 30_000);
afterAll(() => browser?.close());

describe.skipIf(executable === null)('The dashboard in a browser', { timeout: 60_000 }, () => {
  it.each(DATABASES.filter(isAvailable))(
    'shows ten thousand instances on %s, and does there what its buttons say',
    async (name) => {
      const database = await createDatabase(name);
      onTestFinished(() => database.drop());
      const eyes = await new DataSource(database.options).initialize();
      onTestFinished(() => eyes.destroy());
      const told = async <T>(sql: string): Promise<T[]> =>
        (await eyes.query<{ told: T }[]>(sql)).map((row) => row.told);
      const holdOf = (task: string, instance = ''): Promise<(string | null)[]> =>
        told(`SELECT hold AS told FROM pyncette_tasks WHERE task = '${task}' AND instance = '${instance}'`);
      const executed = async (instance: string): Promise<number> => {
        await clock.advance('1s');
        const from = `FROM pyncette_tasks_executions WHERE task = 'greet' AND instance = '${instance}'`;
        return Number((await told(`SELECT count(*) AS told ${from}`))[0]);
      };
      const scheduler = { repository: typeOrmRepository(database.options), history: { retention: '7d' } };
      const { opened, page } = await visit(browser, { scheduler });
      const { pyncette, clock } = opened;
      await pyncette.scheduleTasks(
        'greet',
        Array.from({ length: INSTANCES }, (_, index) => ({
          instanceName: `user-${String(index).padStart(5, '0')}`,
          interval: '1h',
        })),
      );
      await pyncette.scheduleTask('greet', 'eve', { executeIn: '1s', args: { fails: true } });
      await clock.advance('10s');
      expect(await holdOf('greet', 'eve')).toEqual(['parked']);
      await everyView(page);
      expect(faults.get(page)).toEqual([]);

      await go(page, '#/tasks/greet/user-00777');
      await act(page, 'Trigger');
      await page.getByText('Triggered greet: user-00777').waitFor();
      expect(await executed('user-00777')).toBe(1);
      await act(page, 'Pause');
      await page.getByText('Paused greet: user-00777').waitFor();
      expect(await holdOf('greet', 'user-00777')).toEqual(['paused']);
      await act(page, 'Resume');
      await page.getByText('Resumed greet: user-00777').waitFor();
      expect(await holdOf('greet', 'user-00777')).toEqual([null]);
      await act(page, 'Unschedule');
      await page.getByRole('heading', { name: 'greet', exact: true }).waitFor();
      expect(await holdOf('greet', 'user-00777')).toEqual([]);
      await go(page, '#/tasks/greet/eve');
      await act(page, 'Retry');
      await page.getByText('Retrying greet: eve').waitFor();
      expect(await executed('eve')).toBe(2);
      await go(page, '#/tasks');
      await act(page, 'Pause regular');
      await page.getByText('Paused regular').waitFor();
      expect(await holdOf('regular')).toEqual(['paused']);
    },
  );

  it('shows nothing to who is not let in, who can do nothing either', async () => {
    const guard = {
      canActivate: (context: { switchToHttp(): { getRequest(): { headers: Record<string, string> } } }) =>
        context.switchToHttp().getRequest().headers['authorization'] === 'Basic YWRtaW46cGFzcw==',
    };
    const opened = await open({ dashboard: { guards: [guard] } });
    const stranger = await pageOf(browser);
    const answer = await stranger.goto(`${opened.url}/pyncette`);
    expect(answer?.status()).toBe(403);
    expect(await stranger.content()).not.toMatch(/regular|greet/);
    const statuses = await stranger.evaluate<number[]>(`Promise.all([
      fetch('/pyncette/api/overview'),
      fetch('/pyncette/api/events'),
      fetch('/pyncette/api/actions/pause', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-pyncette-dashboard': '1' },
        body: '{"task":"regular","instance":null}',
      }),
    ].map((sent) => sent.then(({ status }) => status)))`);
    expect(statuses).toEqual([403, 403, 403]);
    expect(await opened.pyncette.isPaused('regular')).toBe(false);
    const admin = await pageOf(browser, { extraHTTPHeaders: { authorization: 'Basic YWRtaW46cGFzcw==' } });
    await admin.goto(`${opened.url}/pyncette`);
    await admin.getByText('Live', { exact: true }).waitFor();
  });
});

/** Each is shown at both widths, with something in it. */
async function everyView(page: Page): Promise<void> {
  for (const { viewport } of WIDTHS) {
    await page.setViewportSize(viewport);
    for (const view of VIEWS) {
      await go(page, view);
      expect(await page.locator('main').innerText()).toMatch(/regular|greet|daily|user-00777/);
      const picture = await page.screenshot();
      expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([viewport.width, viewport.height]);
    }
  }
}
