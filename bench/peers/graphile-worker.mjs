// graphile-worker with its own best settings for throughput.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import { withDatabase } from '../databases.mjs';
import { isQuick, median, report, timed } from '../measure.mjs';

const COUNT = isQuick ? 5_000 : 20_000;
const quiet = new Logger(() => () => undefined);

await withDatabase('PostgreSQL', async ({ host, port, username, password, database }) => {
  const connectionString = `postgres://${username}:${password}@${host}:${port}/${database}`;
  const rate = await median(isQuick ? 1 : 3, async () => {
    let runs = 0;
    let done = () => undefined;
    const finished = new Promise((resolve) => (done = resolve));
    const options = {
      connectionString,
      noHandleSignals: true,
      logger: quiet,
      concurrency: 24,
      preset: {
        worker: { localQueue: { size: 500, refetchDelay: { durationMs: 10 } }, completeJobBatchDelay: 0 },
      },
    };
    const utils = await makeWorkerUtils({ connectionString, logger: quiet });
    await utils.migrate();
    const jobs = Array.from({ length: COUNT }, (_, index) => ({ identifier: 'work', payload: { index } }));
    for (let from = 0; from < COUNT; from += 1_000) await utils.addJobs(jobs.slice(from, from + 1_000));
    await utils.release();
    const ms = await timed(async () => {
      const runner = await run({
        ...options,
        taskList: { work: async () => void (++runs >= COUNT && done()) },
      });
      await finished;
      await runner.stop();
    });
    return (COUNT / ms) * 1_000;
  });
  report({
    what: 'graphile-worker 0.17',
    figure: `execute ${COUNT} due at once, stored`,
    value: rate,
    unit: '/s',
    compare: 'execute',
  });
});
