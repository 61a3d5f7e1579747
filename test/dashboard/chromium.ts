import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where a browser is; null, said loudly, where there is none. @throws Error then, if nothing may be skipped */
export function findChromium(): string | null {
  const found = PLACES.find((place) => place !== undefined && existsSync(place));
  if (found !== undefined) return found;
  const message =
    'There is no Chromium (CHROMIUM_PATH, /usr/bin/chromium): the dashboard is not tried in a browser';
  if (process.env['PYNCETTE_REQUIRE_ALL'] !== undefined)
    throw new Error(`${message}, and PYNCETTE_REQUIRE_ALL is set`);
  console.warn(`\n*** SKIPPED: ${message} ***\n`);
  return null;
}

export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: QUIET });
