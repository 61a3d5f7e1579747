// Each again with 1,000,000 rows of the same task that are not due, beside the same without them.
const sizes = (full, quick = full) => ({
  full: { later: 1_000_000, ...full },
  quick: { later: 50_000, ...quick },
});
const both = (contender) => [
  { row: contender, contender },
  { row: `${contender}, with them`, contender, hasLater: true },
];
const executing = (kind) => ({
  title: `PostgreSQL beside 1,000,000 rows not due (quick: 50,000): executing, ${kind}`,
  workload: 'execute',
  columns: { stored: '/s, stored', cpuMicros: 'CPU µs each' },
  sizes: sizes({ count: 20_000 }, { count: 4_000 }),
  params: { kind },
  rows: kind === 'recurring' ? both('nestjs-pyncette, best') : [],
  thorough: kind === 'recurring' ? both('raw 1000/2') : both('nestjs-pyncette, best'),
});
const scheduling = (how, params) => ({
  title: `PostgreSQL beside 1,000,000 rows not due (quick: 50,000): scheduling ${how}`,
  workload: 'schedule',
  columns: { rate: '/s', cpuMicros: 'CPU µs each' },
  sizes: sizes({ count: 20_000 }, { count: 5_000 }),
  params: { kind: 'once-off', ...params },
  rows: [],
  thorough: [...both('nestjs-pyncette, default'), ...both('raw 1000/1')],
});

export const million = {
  'million recurring': executing('recurring'),
  'million once-off': executing('once-off'),
  'million latency': {
    title: 'PostgreSQL beside 1,000,000 rows not due (quick: 50,000): start latency, idle',
    workload: 'latency',
    columns: { p50: 'p50 ms', p99: 'p99', max: 'max', early: 'early' },
    params: { kind: 'once-off', goesOn: true },
    sizes: sizes({ moments: 200, spanMs: 20_000 }),
    rows: [],
    thorough: both('nestjs-pyncette, default'),
  },
  'million scheduling': scheduling('one by one, 50 callers', { callers: 50 }),
  'million bulk': scheduling('in bulk', {}),
  'million poll': {
    title: 'PostgreSQL beside 1,000,000 rows not due (quick: 50,000): a poll that finds nothing',
    workload: 'poll',
    columns: { poll: 'µs' },
    params: { kind: 'once-off' },
    sizes: sizes({ polls: 1_000 }, { polls: 300 }),
    rows: [],
    thorough: [...both('nestjs-pyncette, default'), ...both('raw 100/1')],
  },
};
