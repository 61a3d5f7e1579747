// pg-boss with large batches.
import PgBoss from 'pg-boss';
import { withDatabase } from '../databases.mjs';
import { isQuick, median, report, timed } from '../measure.mjs';

const COUNT = isQuick ? 5_000 : 20_000;
await withDatabase('PostgreSQL', async ({ host, port, username, password, database }) => {
  const rate = await median(isQuick ? 1 : 3, async (round) => {
    const boss = new PgBoss({ host, port, user: username, password, database, schema: `boss${round}` });
    await boss.start();
    await boss.createQueue('work');
    const jobs = Array.from({ length: COUNT }, (_, index) => ({ name: 'work', data: { index } }));
    for (let from = 0; from < COUNT; from += 1_000) await boss.insert(jobs.slice(from, from + 1_000));
    let runs = 0;
    const ms = await timed(async () => {
      await new Promise((resolve) => {
        const options = { batchSize: 500, pollingIntervalSeconds: 0.5 };
        const work = async (batch) => {
          runs += batch.length;
          if (runs >= COUNT) resolve();
        };
        for (let worker = 0; worker < 4; worker++) void boss.work('work', options, work);
      });
      await boss.stop({ graceful: true, wait: true });
    });
    return (COUNT / ms) * 1_000;
  });
  report({
    what: 'pg-boss 10',
    figure: `execute ${COUNT} due at once, stored`,
    value: rate,
    unit: '/s',
    compare: 'execute',
  });
});
