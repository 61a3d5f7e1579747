// Each again with 1,000,000 rows of the same task that are not due, beside the same without them.
const MILLION = { full: 1_000_000, quick: 100_000 };
const both = (contender) => [
  { row: contender, contender },
  { row: `${contender}, with them`, contender, hasLater: true },
];
const executing = (kind) => ({
  title: `PostgreSQL with 1,000,000 rows not due: executing, ${kind}`,
  workload: 'execute',
  columns: { stored: '/s, stored', cpuMicros: 'CPU µs each' },
  count: { full: 20_000, quick: 10_000 },
  later: MILLION,
  params: { kind },
  rows: kind === 'recurring' ? both('nestjs-pyncette, best') : [],
  thorough: kind === 'recurring' ? both('raw 1000/2') : both('nestjs-pyncette, best'),
});
const scheduling = (how, params) => ({
  title: `PostgreSQL with 1,000,000 rows not due: scheduling ${how}`,
  workload: 'schedule',
  columns: { rate: '/s', cpuMicros: 'CPU µs each' },
  count: { full: 20_000, quick: 5_000 },
  later: MILLION,
  params: { kind: 'once-off', ...params },
  rows: [],
  thorough: [...both('nestjs-pyncette, default'), ...both('raw 1000/1')],
});

export const million = {
  'million recurring': executing('recurring'),
  'million once-off': executing('once-off'),
  'million latency': {
    title: 'PostgreSQL with 1,000,000 rows not due: start latency, idle',
    workload: 'latency',
    columns: { p50: 'p50 ms', p99: 'p99', max: 'max', early: 'early' },
    later: MILLION,
    params: { kind: 'once-off', goesOn: true },
    span: { full: { moments: 200, spanMs: 20_000 }, quick: { moments: 8, spanMs: 2_000 } },
    rows: [],
    thorough: both('nestjs-pyncette, default'),
  },
  'million scheduling': scheduling('one by one, 50 callers', { callers: 50 }),
  'million bulk': scheduling('in bulk', {}),
  'million poll': {
    title: 'PostgreSQL with 1,000,000 rows not due: a poll that finds nothing',
    workload: 'poll',
    columns: { poll: 'µs' },
    later: MILLION,
    params: { kind: 'once-off', polls: 1_000 },
    rows: both('nestjs-pyncette, default'),
    thorough: both('raw 100/1'),
  },
};
