// The schedule in Redis beside BullMQ on the same one.
const executing = (kind) => ({
  title: `Redis: executing due ${kind} instances`,
  workload: 'execute',
  columns: { stored: '/s, stored', ran: '/s, handlers', cpuMicros: 'CPU µs each', twice: 'run twice' },
  sizes: { full: { count: 20_000 }, quick: { count: 2_000 } },
  params: { kind },
  rows: ['Redis, best'],
  thorough: ['Redis, default', 'bullmq'],
});

export const redis = {
  'redis recurring': executing('recurring'),
  'redis once-off': executing('once-off'),
  'redis history': {
    ...executing('recurring'),
    title: 'Redis: executing due recurring instances, with a history of executions and without',
    sizes: { full: { count: 100_000 }, quick: { count: 2_000 } },
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
  'redis million': {
    title: 'Redis beside 1,000,000 rows not due: executing due recurring instances',
    workload: 'execute',
    columns: { stored: '/s, stored', cpuMicros: 'CPU µs each' },
    params: { kind: 'recurring' },
    sizes: { full: { later: 1_000_000, count: 20_000 }, quick: { later: 20_000, count: 2_000 } },
    rows: [],
    thorough: [
      { row: 'Redis, best', contender: 'Redis, best' },
      { row: 'Redis, best, with them', contender: 'Redis, best', hasLater: true },
    ],
  },
};
