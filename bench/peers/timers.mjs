// Schedulers that keep a timer for each schedule: what 10,000 of them weigh.
import { CronJob } from 'cron';
import schedule from 'node-schedule';
import { application, instances } from '../application.mjs';
import { heap, report, timed } from '../measure.mjs';

const COUNT = 10_000;
const EXPRESSION = '0 8 * * 1';
const FIGURE = '10,000 crons, heap of each';

async function weigh(what, add) {
  const before = heap();
  let kept;
  const ms = await timed(async () => (kept = await add()));
  report({ what, figure: FIGURE, value: (heap() - before) / COUNT, unit: 'B' });
  report({
    what,
    figure: '10,000 crons, scheduled',
    value: (COUNT / ms) * 1_000,
    unit: '/s',
  });
  return kept;
}

const { app, pyncette } = await application();
await weigh('nestjs-pyncette, in memory', () =>
  pyncette.scheduleTasks('run', instances(COUNT, { schedule: EXPRESSION })),
);
await app.close();
// What @nestjs/schedule makes of each @Cron() and addCronJob().
const jobs = await weigh('@nestjs/schedule (cron)', () =>
  Array.from({ length: COUNT }, () =>
    CronJob.from({ cronTime: EXPRESSION, onTick: () => undefined, start: true }),
  ),
);
for (const job of jobs) job.stop();
await weigh('node-schedule', () => {
  for (let index = 0; index < COUNT; index++) schedule.scheduleJob(`j${index}`, EXPRESSION, () => undefined);
});
await schedule.gracefulShutdown();
