import { DynamicTask } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { InstancePage } from '../../lib/extras/dashboard/wire.js';
import { open } from '../dashboard/open.js';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { Plans } from '../storage/plans.js';

/** How many instances there are: `npm run test:chaos` a million. */
const ROWS = Number(process.env['CHAOS_ROWS'] ?? 1_000_000);
const LIMIT_MS = 50;

class Tasks {
  @DynamicTask()
  task(): void {}
}

describe.each(DATABASES.filter(isAvailable))(`A dashboard of ${ROWS} instances on %s`, (name) => {
  it('answers with a page of them within 50 ms', { timeout: 300_000 }, async () => {
    const database = await createDatabase(name);
    onTestFinished(() => database.drop());
    const repository = typeOrmRepository(database.options);
    const opened = await open({ providers: [Tasks], scheduler: { repository, autoStart: false } });
    await opened.pyncette.scheduleTask('task', 'zoe', { interval: '1h' });
    await opened.pyncette.pauseTask('task', 'zoe');
    const dataSource = await new DataSource(database.options).initialize();
    await new Plans(dataSource, name).fill(ROWS);
    await dataSource.destroy();

    const page = (rest: string): Promise<InstancePage> =>
      opened.json(`/pyncette/api/instances?task=task${rest}`);
    const { next } = await page('&limit=200');
    // Those that are running are looked for among all: no index tells them, so that claims write none.
    const pages: readonly (readonly [string, string, number])[] = [
      ['the first', '', 50],
      ['a later one', `&after=${encodeURIComponent(String(next))}`, 50],
      ['of names that begin so', `&prefix=i${ROWS}`, 1],
      ['of the paused', '&state=paused', 1],
      ['of the parked', '&state=parked', 0],
      ['of the scheduled', '&state=scheduled', 50],
    ];
    for (const [what, rest, count] of pages) {
      expect((await page(rest)).instances, what).toHaveLength(count);
      const tookMs = await median(() => page(rest));
      console.log(`${name}: a page of ${ROWS} instances, ${what}: ${tookMs.toFixed(1)} ms`);
      expect(tookMs, what).toBeLessThan(LIMIT_MS);
    }
  });
});

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 21; run++) {
    const since = performance.now();
    await work();
    times.push(performance.now() - since);
  }
  return times.sort((a, b) => a - b)[10] ?? 0;
}
