// This project: a Nest application, the public entries, a handler that only counts.
import { ExecutionMode } from 'nestjs-pyncette';
import { redisRepository } from 'nestjs-pyncette/redis';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { application, instances } from '../application.mjs';

const HOUR_MS = 3_600_000;
const CHUNK = 20_000;
const MODES = { 'at most once': { executionMode: ExecutionMode.AT_MOST_ONCE } };

const repositoryIn = ({ typeorm, url, prefix }) =>
  typeorm === undefined ? redisRepository({ url, namespace: prefix }) : typeOrmRepository(typeorm);

/** What is due now for the first time was scheduled an interval ago: by a clock that lies behind as much. */
const behind = (ms) => ({
  now: () => Date.now() - ms,
  sleep: (duration) => new Promise((resolve) => setTimeout(resolve, duration)),
});

async function fillAll({ app, pyncette }, count, { kind, everyMs, dueInMs, stepMs, prefix, from }) {
  const isSpread = stepMs > 0;
  const began = Date.now();
  const when = kind === 'once-off' ? { executeIn: everyMs } : { interval: everyMs };
  for (let done = 0; done < count; done += CHUNK) {
    const some = instances(Math.min(CHUNK, count - done), when, { prefix, from: from + done });
    if (isSpread)
      for (const [index, one] of some.entries()) {
        delete one.executeIn;
        one.executeAt = new Date(began + dueInMs + (done + index) * stepMs);
      }
    await pyncette.scheduleTasks('run', some);
  }
  await app.close();
}

/** What is left of the instances `i…`; the store lists by name, and those that are not due yet come after them. */
async function leftIn(pyncette) {
  const left = { due: 0, leased: 0, rows: 0 };
  const now = Date.now();
  for await (const { instanceName, scheduledAt, lockedUntil } of pyncette.iterateTasks('run', {
    limit: 1_000,
  })) {
    if (!instanceName.startsWith('i')) break;
    left.rows++;
    if (lockedUntil !== null) left.leased++;
    if (scheduledAt !== null && scheduledAt.toMillis() <= now) left.due++;
  }
  return left;
}

export async function open({ database, settings, kind, everyMs = HOUR_MS }) {
  const state = { handle: () => undefined, polls: 0, listening: null };
  const taskOptions = MODES[kind] ?? {};
  const options = () => ({ ...settings, repository: repositoryIn(database) });
  const { app, pyncette } = await application(options(), {
    taskOptions,
    run: ({ task }) => state.handle(task.instanceName),
  });
  /** Only where polls are counted: whoever listens has every event made for it. */
  const listen = () => pyncette.events$.subscribe(({ type }) => type === 'tick:finished' && state.polls++);

  return {
    async fill(count, { dueInMs, stepMs = 0, prefix = 'i', from = 0 }) {
      const clock = stepMs > 0 ? undefined : behind(everyMs - dueInMs);
      const filling = await application({ ...options(), ...(clock && { clock }) }, { taskOptions });
      await fillAll(filling, count, { kind, everyMs, dueInMs, stepMs, prefix, from });
    },
    schedule: (name, dueAt) => pyncette.scheduleTask('run', name, { executeAt: new Date(dueAt) }),
    scheduleMany: (names, dueAt) =>
      pyncette.scheduleTasks(
        'run',
        names.map((instanceName) => ({ instanceName, executeAt: new Date(dueAt) })),
      ),
    async start(handler) {
      state.handle = handler;
      await pyncette.start();
    },
    stop: () => pyncette.stop(),
    poll: () => pyncette.tick(),
    polls() {
      state.listening ??= listen();
      return state.polls;
    },
    left: () => leftIn(pyncette),
    close: () => app.close(),
  };
}
