// Takes the screenshots of docs/images: `npm run screenshots`. Needs a Chromium (CHROMIUM_PATH, else /usr/bin/chromium).
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startShop } from './app.mjs';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const WIDE = { viewport: { width: 1240, height: 1000 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true };

const SHOTS = [
  { file: 'dashboard-light.png', view: '#/', context: { ...WIDE, colorScheme: 'light' } },
  { file: 'dashboard-dark.png', view: '#/', context: { ...WIDE, colorScheme: 'dark' } },
  { file: 'dashboard-tasks.png', view: '#/tasks', context: { ...WIDE, colorScheme: 'light' } },
  {
    file: 'dashboard-instances.png',
    view: '#/tasks/chargeSubscription',
    context: { ...WIDE, colorScheme: 'dark' },
  },
  {
    file: 'dashboard-instance.png',
    view: '#/tasks/chargeSubscription/customer-0025',
    context: { ...WIDE, colorScheme: 'light' },
  },
  { file: 'dashboard-phone.png', view: '#/', context: { ...PHONE, colorScheme: 'light' } },
  { file: 'dashboard-phone-tasks.png', view: '#/tasks', context: { ...PHONE, colorScheme: 'dark' } },
];

const shop = await startShop();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
const full = process.argv.includes('--full');
for (const { file, view, context } of SHOTS) {
  const visit = await browser.newContext({ ...context, timezoneId: 'Europe/Berlin', locale: 'en-GB' });
  const page = await visit.newPage();
  await page.goto(shop.url + view);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator('.loading').first().waitFor({ state: 'detached' });
  // A few frames, so that everything has been drawn and has come to rest.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: images + file, fullPage: full });
  console.log(`${file}: ${Math.round(statSync(images + file).size / 1024)} kB`);
  await visit.close();
}
await browser.close();
await shop.close();
