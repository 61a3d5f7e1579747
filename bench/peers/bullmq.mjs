// BullMQ. Recurring instances are its job schedulers.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const QUEUE = 'run';

export async function open({ database: { url, prefix }, settings, kind, everyMs = 3_600_000 }) {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const options = { connection, prefix };
  const queue = new Queue(QUEUE, { ...options, defaultJobOptions: { removeOnComplete: true } });
  let worker;
  /** Of those that are not to run, which are not asked after. */
  let later = 0;
  const job = (name, delay) => ({ name: QUEUE, data: { name }, opts: { delay: Math.max(0, delay) } });
  const fillWith = {
    recurring: (names) =>
      Promise.all(
        names.map((name) =>
          queue.upsertJobScheduler(name, { every: everyMs }, { name: QUEUE, data: { name } }),
        ),
      ),
    'once-off': (names, dueInMs) => queue.addBulk(names.map((name) => job(name, dueInMs))),
  }[kind];

  async function left() {
    const { active, waiting, delayed } = await queue.getJobCounts('active', 'waiting', 'delayed');
    return { due: waiting, leased: active, rows: waiting + active + delayed - later };
  }

  return {
    async fill(count, { dueInMs, prefix = 'i', from = 0 }) {
      if (prefix !== 'i') later += count;
      for (let done = 0; done < count; done += 1_000)
        await fillWith(
          Array.from({ length: Math.min(1_000, count - done) }, (_, at) => `${prefix}${from + done + at}`),
          dueInMs,
        );
    },
    schedule(name, dueAt) {
      const { data, opts } = job(name, dueAt - Date.now());
      return queue.add(QUEUE, data, opts);
    },
    scheduleMany: (names, dueAt) => queue.addBulk(names.map((name) => job(name, dueAt - Date.now()))),
    async start(handler) {
      worker = new Worker(QUEUE, async ({ data }) => handler(data.name), {
        ...options,
        ...settings,
        drainDelay: 1,
      });
      worker.on('error', (error) => console.error(error));
      await worker.waitUntilReady();
    },
    stop: () => worker.close(),
    left,
    async close() {
      await queue.close();
      connection.disconnect();
    },
  };
}
