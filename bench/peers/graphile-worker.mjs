// graphile-worker. It has no recurring instances: a handler that reschedules adds the next job.
import { Logger, makeWorkerUtils, run } from 'graphile-worker';

const TASK = 'run';
const logger = new Logger(() => () => undefined);

/** Its own settings for throughput, with the local queue, or those for latency, polling often. */
function optionsOf({ concurrency, pollInterval, size, delayMs }) {
  if (size === undefined) return { concurrency, pollInterval };
  const localQueue = { size, refetchDelay: { durationMs: delayMs } };
  return { concurrency, preset: { worker: { localQueue, completeJobBatchDelay: delayMs } } };
}

export async function open({ database, settings, kind, everyMs = 3_600_000 }) {
  const connectionString = database.url;
  const worker = await makeWorkerUtils({ connectionString, logger });
  await worker.migrate();
  let runner;
  const specs = (names, at) =>
    names.map((name) => ({ identifier: TASK, payload: { name }, runAt: new Date(at) }));

  async function left() {
    const sql = `SELECT count(*) FILTER (WHERE run_at <= now())::int AS due, count(locked_at)::int AS leased,
      count(*)::int AS rows FROM graphile_worker._private_jobs`;
    return (await worker.withPgClient((client) => client.query(sql))).rows[0];
  }

  return {
    async fill(count, { dueInMs, prefix = 'i', from = 0 }) {
      for (let done = 0; done < count; done += 1_000) {
        const names = Array.from(
          { length: Math.min(1_000, count - done) },
          (_, at) => `${prefix}${from + done + at}`,
        );
        await worker.addJobs(specs(names, Date.now() + dueInMs));
      }
    },
    schedule: (name, dueAt) => worker.addJob(TASK, { name }, { runAt: new Date(dueAt) }),
    scheduleMany: (names, dueAt) => worker.addJobs(specs(names, dueAt)),
    async start(handler) {
      const work = async ({ name }, helpers) => {
        handler(name);
        if (kind === 'recurring')
          await helpers.addJob(TASK, { name }, { runAt: new Date(Date.now() + everyMs) });
      };
      const options = { connectionString, logger, noHandleSignals: true, taskList: { [TASK]: work } };
      runner = await run({ ...options, ...optionsOf(settings) });
    },
    stop: () => runner.stop(),
    left,
    close: () => worker.release(),
  };
}
