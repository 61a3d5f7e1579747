// The schedule in Redis beside BullMQ on the same one.
const executing = (kind) => ({
  title: `Redis: executing due ${kind} instances`,
  workload: 'execute',
  columns: { stored: '/s, stored', ran: '/s, handlers', cpuMicros: 'CPU µs each', twice: 'run twice' },
  sizes: { full: { count: 100_000 }, quick: { count: 2_000 } },
  params: { kind },
  rows: ['Redis, best'],
  thorough: ['Redis, default', 'bullmq'],
  // As many as it gets done in a few seconds.
  parts: { bullmq: 0.5 },
});

const besideMillion = (kind, contenders) => ({
  title: `Redis beside 1,000,000 rows not due: executing due ${kind} instances`,
  workload: 'execute',
  columns: { stored: '/s, stored', cpuMicros: 'CPU µs each' },
  params: { kind },
  sizes: { full: { later: 1_000_000, count: 50_000 }, quick: { later: 20_000, count: 2_000 } },
  rows: [],
  thorough: contenders.flatMap((contender) => [
    { row: contender, contender },
    { row: `${contender}, with them`, contender, hasLater: true },
  ]),
});

export const redis = {
  'redis recurring': executing('recurring'),
  'redis once-off': executing('once-off'),
  'redis history': {
    ...executing('recurring'),
    title: 'Redis: executing due recurring instances, with a history of executions and without',
    rows: [],
    thorough: ['Redis, history', 'Redis, default'],
  },
  'redis latency': {
    title: 'Redis: start latency, idle, 200 random moments',
    workload: 'latency',
    columns: { p50: 'p50 ms', p95: 'p95', p99: 'p99', max: 'max', early: 'early', pollsPerSecond: 'polls/s' },
    params: { kind: 'once-off', goesOn: true },
    sizes: { full: { moments: 200, spanMs: 30_000 }, quick: { moments: 8, spanMs: 2_000 } },
    rows: [],
    thorough: ['Redis, default', 'bullmq'],
  },
  'redis million recurring': besideMillion('recurring', ['Redis, best']),
  // BullMQ's job schedulers cannot be told to begin later.
  'redis million once-off': besideMillion('once-off', ['Redis, best', 'bullmq']),
};
