// Schedules instances that are due in a month: one by one with many callers in flight, or a thousand a call.
import { DAYS_30_MS, filled } from './execute.mjs';

const CHUNK = 1_000;

async function oneByOne({ schedule }, names, dueAt, callers) {
  const waiting = names.values();
  const caller = async () => {
    for (const name of waiting) await schedule(name, dueAt);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

async function inBulk({ scheduleMany }, names, dueAt) {
  for (let done = 0; done < names.length; done += CHUNK)
    await scheduleMany(names.slice(done, done + CHUNK), dueAt);
}

export async function run(measurement) {
  const { contender, params } = measurement;
  const { count, callers } = params;
  await filled({ ...measurement, params: { ...params, count: 0 } });
  const names = Array.from({ length: count }, (_, index) => `i${index}`);
  const dueAt = Date.now() + DAYS_30_MS;
  const cpu = process.cpuUsage();
  const start = performance.now();
  if (callers === undefined) await inBulk(contender, names, dueAt);
  else await oneByOne(contender, names, dueAt, callers);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const { rows } = await contender.left();
  return {
    figures: { rate: (count / ms) * 1_000, cpuMicros: (user + system) / count },
    problems: rows === count ? [] : [`the store holds ${rows} in place of ${count}`],
  };
}
