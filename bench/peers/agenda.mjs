// Agenda with its PostgreSQL backend. Recurring instances are jobs with `repeatEvery`.
import { setTimeout } from 'node:timers/promises';
import { PostgresBackend } from '@agendajs/postgres-backend';
import { Agenda } from 'agenda';
import pg from 'pg';

const NAME = 'run';

export async function open({ database, settings, kind, everyMs = 3_600_000 }) {
  const pool = new pg.Pool({ connectionString: database.url, max: 10 });
  const backend = new PostgresBackend({ pool });
  const agenda = new Agenda({ backend, removeOnComplete: true, ...settings });
  let handle = () => undefined;
  agenda.define(NAME, async ({ attrs }) => handle(attrs.data.name));
  await agenda.ready;

  function saved(name, dueAt) {
    const job = agenda.create(NAME, { name });
    if (kind === 'recurring') job.repeatEvery(everyMs, { skipImmediate: true });
    job.attrs.nextRunAt = new Date(dueAt);
    return job.save();
  }

  async function left() {
    const sql = `SELECT count(*) FILTER (WHERE next_run_at <= now())::int AS due, count(*) FILTER (WHERE locked_at IS NOT NULL OR next_run_at IS NULL)::int AS leased,
      count(*)::int AS rows FROM agenda_jobs`;
    return (await pool.query(sql)).rows[0];
  }

  return {
    async fill(count, { dueInMs, prefix = 'i', from = 0 }) {
      for (let done = 0; done < count; done += 50) {
        const names = Array.from(
          { length: Math.min(50, count - done) },
          (_, at) => `${prefix}${from + done + at}`,
        );
        await Promise.all(names.map((name) => saved(name, Date.now() + dueInMs)));
      }
    },
    schedule: saved,
    async start(handler) {
      handle = handler;
      await agenda.start();
    },
    // Its own `drain` misses the end of jobs that are removed when they end.
    async stop() {
      while ((await left()).leased > 0) await setTimeout(5);
      await agenda.stop(false);
    },
    left,
    close: () => pool.end(),
  };
}
