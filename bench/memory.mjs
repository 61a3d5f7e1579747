// The schedule in memory.
import { UseInterceptors } from '@nestjs/common';
import { TaskArgs } from 'nestjs-pyncette';
import { application, heap, instances, isQuick, median, progress, report, timed } from './measure.mjs';

const COUNT = 100_000;
const ROUNDS = isQuick ? 1 : 3;
const WHAT = 'in memory, 100,000 instances';

const later = { executeIn: '30d', args: { userId: 7 } };

progress('memory: heap');
{
  const { app, pyncette } = await application({ autoStart: false });
  await pyncette.scheduleTasks('run', instances(1_000, later, 'warm'));
  const before = heap();
  await pyncette.scheduleTasks('run', instances(COUNT, later));
  report({
    what: WHAT,
    figure: 'heap per instance',
    value: (heap() - before) / COUNT,
    unit: 'B',
    atMost: 1_024,
  });
  await app.close();
}

progress('memory: schedule');
const rate = async (schedule) => {
  const { app, pyncette } = await application({ autoStart: false });
  const ms = await timed(() => schedule(pyncette));
  await app.close();
  return (COUNT / ms) * 1_000;
};
report({
  what: WHAT,
  figure: 'scheduleTasks',
  value: await median(ROUNDS, () =>
    rate((pyncette) => pyncette.scheduleTasks('run', instances(COUNT, later))),
  ),
  unit: '/s',
});
report({
  what: WHAT,
  figure: 'scheduleTask, one by one',
  value: await median(ROUNDS, () =>
    rate(async (pyncette) => {
      for (const { instanceName, ...options } of instances(COUNT, later))
        await pyncette.scheduleTask('run', instanceName, options);
    }),
  ),
  unit: '/s',
});

progress('memory: polls');
const pollMs = async (count) => {
  const { app, pyncette } = await application({ autoStart: false });
  await pyncette.scheduleTasks('run', instances(count, later));
  for (let warm = 0; warm < 500; warm++) await pyncette.tick();
  const ms = await timed(async () => {
    for (let poll = 0; poll < 1_000; poll++) await pyncette.tick();
  });
  await app.close();
  return ms / 1_000;
};
const few = await median(3, () => pollMs(1_000));
const many = await median(3, () => pollMs(COUNT));
report({ what: WHAT, figure: 'idle poll, 1,000 instances', value: few * 1_000, unit: 'µs' });
report({
  what: WHAT,
  figure: 'idle poll, 100,000 instances',
  value: many * 1_000,
  unit: 'µs',
  // Polling costs what is due, not what exists.
  atMost: Math.max(few * 1_000 * 5, 100),
});

progress('memory: execute');
async function executeRate(options = {}, decorate = undefined) {
  const { app, pyncette, ran } = await application(
    { autoStart: false, batchSize: 1_000, concurrencyLimit: 1_000, ...options },
    decorate,
  );
  await pyncette.scheduleTasks('run', instances(COUNT, { executeIn: 0 }));
  const ms = await timed(async () => {
    await pyncette.start();
    await ran(COUNT);
  });
  await app.close();
  return (COUNT / ms) * 1_000;
}

/** Passes everything on. */
class Passing {
  intercept(_context, next) {
    return next.handle();
  }
}

const bare = await median(ROUNDS, () => executeRate());
report({ what: WHAT, figure: 'execute what is due at once', value: bare, unit: '/s' });

progress('memory: enhancers');
const ways = {
  'an interceptor of the module': [{ interceptors: [new Passing()] }],
  'an interceptor of the method': [{}, UseInterceptors(new Passing())],
  'a parameter taken apart': [{}, (prototype, key) => TaskArgs('userId')(prototype, key, 0)],
};
for (const [way, given] of Object.entries(ways)) {
  const rate = await median(ROUNDS, () => executeRate(...given));
  report({ what: WHAT, figure: `cost of ${way}`, value: 1e6 / rate - 1e6 / bare, unit: 'µs' });
}
