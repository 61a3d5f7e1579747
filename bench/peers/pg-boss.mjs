// pg-boss. It has no recurring instances: a handler that reschedules inserts the next jobs of its batch.
import { PgBoss } from 'pg-boss';

const QUEUE = 'run';

export async function open({ database, settings, kind, everyMs = 3_600_000 }) {
  const boss = new PgBoss({ connectionString: database.url, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue(QUEUE);
  const jobs = (names, startAfter) => names.map((name) => ({ data: { name }, startAfter }));

  async function left() {
    const sql = `SELECT count(*) FILTER (WHERE state < 'active' AND start_after <= now())::int AS due,
      count(*) FILTER (WHERE state = 'active')::int AS leased, count(*) FILTER (WHERE state < 'completed')::int AS rows
      FROM pgboss.job WHERE name = '${QUEUE}'`;
    return (await boss.getDb().executeSql(sql)).rows[0];
  }

  return {
    async fill(count, { dueInMs, prefix = 'i', from = 0 }) {
      for (let done = 0; done < count; done += 1_000) {
        const names = Array.from(
          { length: Math.min(1_000, count - done) },
          (_, at) => `${prefix}${from + done + at}`,
        );
        await boss.insert(QUEUE, jobs(names, new Date(Date.now() + dueInMs)));
      }
    },
    schedule: (name, dueAt) => boss.send(QUEUE, { name }, { startAfter: new Date(dueAt) }),
    scheduleMany: (names, dueAt) => boss.insert(QUEUE, jobs(names, new Date(dueAt))),
    async start(handler) {
      await boss.work(QUEUE, settings, async (batch) => {
        for (const { data } of batch) handler(data.name);
        if (kind !== 'recurring') return;
        const names = batch.map(({ data }) => data.name);
        await boss.insert(QUEUE, jobs(names, new Date(Date.now() + everyMs)));
      });
    },
    async stop() {
      await boss.offWork(QUEUE, { wait: true });
    },
    left,
    close: () => boss.stop({ graceful: false }),
  };
}
