// From the due moment to the start of the handler.
const LATENCY = {
  workload: 'latency',
  columns: { p50: 'p50 ms', p95: 'p95', p99: 'p99', max: 'max', early: 'early', pollsPerSecond: 'polls/s' },
};
const params = { kind: 'once-off', goesOn: true };

export const latency = {
  'latency idle': {
    ...LATENCY,
    title: 'Start latency, idle, 200 random moments',
    params,
    // Two moments a second: three polls a second is what they may cost in all.
    sizes: { full: { moments: 200, spanMs: 100_000 }, quick: { moments: 8, spanMs: 3_000 } },
    rows: ['nestjs-pyncette, default'],
    thorough: [
      'SQLite, default',
      'raw 100/1',
      ...['pg-boss', 'graphile-worker, polling', 'bullmq', 'agenda'].map((contender) => ({
        row: contender,
        contender,
        params: { spanMs: 30_000 },
      })),
    ],
  },
  'latency loaded': {
    ...LATENCY,
    columns: { ...LATENCY.columns, load: 'load /s' },
    title: 'Start latency, 200 random moments under half of the load it can bear',
    params: { ...params, isLoaded: true },
    sizes: {
      full: { count: 20_000, moments: 200, spanMs: 20_000 },
      quick: { count: 3_000, moments: 50, spanMs: 2_000 },
    },
    rows: ['nestjs-pyncette, default'],
    thorough: ['raw 100/2'],
  },
};
