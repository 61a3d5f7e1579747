import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { DATABASES, createDatabase, isAvailable } from '../databases/databases.js';
import { opened, repositoryOn } from '../storage/open.js';
import { Plans } from '../storage/plans.js';

/** How many rows are not due: `npm run test:chaos` a million. */
const ROWS = Number(process.env['CHAOS_ROWS'] ?? 1_000_000);
const FEW = 1_000;

describe.each(DATABASES.filter(isAvailable))(`${ROWS} rows that are not due, on %s`, (name) => {
  it('cost a poll and a claim what a thousand cost (D3)', { timeout: 300_000 }, async () => {
    const few = await measured(name, FEW);
    const many = await measured(name, ROWS);
    console.log(
      `${name}: a poll ${few.pollMs.toFixed(2)} ms with ${FEW} rows, ${many.pollMs.toFixed(2)} ms with ${ROWS}; finding 100 rows ${few.lockMs.toFixed(2)} ms and ${many.lockMs.toFixed(2)} ms`,
    );
    expect(many.readsAll).toBe(false);
    expect(many.pollMs).toBeLessThan(3 * few.pollMs + 1);
    expect(many.lockMs).toBeLessThan(4 * few.lockMs + 5);
  });
});

async function measured(name: (typeof DATABASES)[number], rows: number) {
  const database = await createDatabase(name);
  const dataSource = await new DataSource(database.options).initialize();
  const repository = await opened(repositoryOn(() => dataSource));
  try {
    const plans = new Plans(dataSource, name);
    await plans.fill(rows);
    const readsAll = (await plans.readsAll(plans.poll())) || (await plans.readsAll(plans.lock(100)));
    const pollMs = await median(() => plans.run(plans.poll()));
    const lockMs = await median(() => plans.run(plans.lock(100)));
    return { readsAll, pollMs, lockMs };
  } finally {
    await repository.close();
    await dataSource.destroy();
    await database.drop();
  }
}

async function median(work: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 101; run++) {
    const since = performance.now();
    await work();
    times.push(performance.now() - since);
  }
  return times.sort((a, b) => a - b)[50] ?? 0;
}
