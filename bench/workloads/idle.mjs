// What a process costs that has nothing to do: transactions, CPU, memory.
import { setTimeout } from 'node:timers/promises';
import { filled } from './execute.mjs';

const WARM_MS = 1_000;

export async function run(measurement) {
  const { contender, server, params } = measurement;
  await filled({ ...measurement, params: { ...params, count: 0 } });
  await contender.start(() => undefined);
  await setTimeout(WARM_MS);
  const before = await server.transactions?.();
  const polls = contender.polls?.();
  const cpu = process.cpuUsage();
  await setTimeout(params.seconds * 1_000);
  const { user, system } = process.cpuUsage(cpu);
  const polled = contender.polls?.() - polls;
  // A backend hands in its counts about once a second.
  await setTimeout(1_100);
  const after = await server.transactions?.();
  globalThis.gc();
  const { rss, heapUsed } = process.memoryUsage();
  await contender.stop();
  return {
    figures: {
      queries: (after - before) / (params.seconds + 1.1),
      polls: polled / params.seconds,
      cpuMs: (user + system) / 1_000 / params.seconds,
      rssMb: rss / 2 ** 20,
      heapMb: heapUsed / 2 ** 20,
    },
    problems: [],
  };
}
