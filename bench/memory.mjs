// The schedule in memory.
import { UseInterceptors } from '@nestjs/common';
import { TaskArgs } from 'nestjs-pyncette';
import { application, instances } from './application.mjs';
import { heap, isQuick, median, report, timed } from './measure.mjs';

const COUNT = 100_000;
const EXECUTED = isQuick ? 20_000 : COUNT;
const ROUNDS = isQuick ? 1 : 3;
const WHAT = 'in memory, 100,000 instances';

const later = { executeIn: '30d', args: { userId: 7 } };

{
  const { app, pyncette } = await application();
  await pyncette.scheduleTasks('run', instances(1_000, later, { prefix: 'warm' }));
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

const rate = async (schedule) => {
  const { app, pyncette } = await application();
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

const pollMs = async (count) => {
  const { app, pyncette } = await application();
  await pyncette.scheduleTasks('run', instances(count, later));
  for (let warm = 0; warm < 500; warm++) await pyncette.tick();
  const ms = await timed(async () => {
    for (let poll = 0; poll < 1_000; poll++) await pyncette.tick();
  });
  await app.close();
  return ms / 1_000;
};
const few = await median(ROUNDS, () => pollMs(1_000));
const many = await median(ROUNDS, () => pollMs(COUNT));
report({ what: WHAT, figure: 'idle poll, 1,000 instances', value: few * 1_000, unit: 'µs' });
report({
  what: WHAT,
  figure: 'idle poll, 100,000 instances',
  value: many * 1_000,
  unit: 'µs',
  // Polling costs what is due, not what exists.
  atMost: Math.max(few * 1_000 * 5, 100),
});

async function executeRate(options = {}, decorate = undefined) {
  let runs = 0;
  let isComplete = () => undefined;
  const complete = new Promise((resolve) => (isComplete = resolve));
  const { app, pyncette } = await application(
    { batchSize: 1_000, concurrencyLimit: 1_000, ...options },
    { decorate, run: () => void (++runs === EXECUTED && isComplete()) },
  );
  await pyncette.scheduleTasks('run', instances(EXECUTED, { executeIn: 0 }));
  const ms = await timed(async () => {
    await pyncette.start();
    await complete;
  });
  await app.close();
  if (runs !== EXECUTED) throw new Error(`${runs} executions in place of ${EXECUTED}`);
  return (EXECUTED / ms) * 1_000;
}

/** Passes everything on. */
class Passing {
  intercept(_context, next) {
    return next.handle();
  }
}

const bare = await median(ROUNDS, () => executeRate());
report({ what: WHAT, figure: 'execute what is due at once', value: bare, unit: '/s' });

const ways = {
  'an interceptor of the module': [{ interceptors: [new Passing()] }],
  'an interceptor of the method': [{}, UseInterceptors(new Passing())],
  'a parameter taken apart': [{}, (prototype, key) => TaskArgs('userId')(prototype, key, 0)],
};
for (const [way, given] of Object.entries(ways)) {
  const rate = await median(ROUNDS, () => executeRate(...given));
  report({ what: WHAT, figure: `cost of ${way}`, value: 1e6 / rate - 1e6 / bare, unit: 'µs' });
}
