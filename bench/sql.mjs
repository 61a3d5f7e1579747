// The schedule in one database: node bench/sql.mjs PostgreSQL
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { withDatabase } from './databases.mjs';
import { application, instances, isQuick, median, progress, report, timed } from './measure.mjs';

const [, , name] = process.argv;
const SCHEDULED = isQuick ? 5_000 : 100_000;
const EXECUTED = isQuick ? 5_000 : 20_000;
const ROUNDS = isQuick ? 1 : 3;
const what = `${name}`;

async function scheduleRate(options) {
  const { app, pyncette } = await application({ autoStart: false, repository: typeOrmRepository(options) });
  const later = instances(SCHEDULED, { executeIn: '30d', args: { userId: 7 } });
  const ms = await timed(() => pyncette.scheduleTasks('run', later));
  await app.close();
  return (SCHEDULED / ms) * 1_000;
}

async function oneByOneRate(options) {
  const { app, pyncette } = await application({ autoStart: false, repository: typeOrmRepository(options) });
  const some = instances(500, { executeIn: '30d', args: { userId: 7 } }, 'one');
  const ms = await timed(async () => {
    for (const { instanceName, ...when } of some) await pyncette.scheduleTask('run', instanceName, when);
  });
  await app.close();
  return (some.length / ms) * 1_000;
}

/** Until the last settlement is stored. */
async function executeRate(options) {
  const repository = typeOrmRepository(options);
  const { app, pyncette, ran } = await application({
    autoStart: false,
    repository,
    batchSize: 1_000,
    concurrencyLimit: 1_000,
  });
  await pyncette.scheduleTasks('run', instances(EXECUTED, { executeIn: 0 }, 'now'));
  const ms = await timed(async () => {
    await pyncette.start();
    await ran(EXECUTED);
    await pyncette.stop();
  });
  await app.close();
  return (EXECUTED / ms) * 1_000;
}

const isThere = await withDatabase(name, async (options) => {
  progress(`${name}: schedule`);
  const table = (prefix) => (round) => ({ ...options, tableName: `${prefix}_${round}` });
  const rate = (prefix, measure) => median(ROUNDS, (round) => measure(table(prefix)(round)));
  report({ what, figure: `scheduleTasks, ${SCHEDULED}`, value: await rate('s', scheduleRate), unit: '/s' });
  report({ what, figure: 'scheduleTask, one by one', value: await rate('o', oneByOneRate), unit: '/s' });
  progress(`${name}: execute`);
  report({
    what,
    figure: `execute ${EXECUTED} due at once, stored`,
    value: await rate('e', executeRate),
    unit: '/s',
    ...(name === 'PostgreSQL' ? { compare: 'execute' } : {}),
  });
});
if (!isThere) report({ what, skipped: 'nothing answers' });
