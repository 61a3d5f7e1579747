import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the demo keeps its schedule: beside its sources, so that the next `npm start` finds it. */
export const databaseFile =
  process.env['DEMO_DATABASE'] ?? fileURLToPath(new URL('../demo.db', import.meta.url));

/** `npm start -- --reset` begins anew. */
export function resetIfAsked(): void {
  if (process.argv.includes('--reset'))
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(databaseFile + suffix, { force: true });
}

/** Whether an earlier run has left its schedule. */
export const isThereASchedule = (): boolean => existsSync(databaseFile);
