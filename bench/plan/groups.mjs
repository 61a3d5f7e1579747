// What is measured: each group is a table, each of its rows a contender with the workload of the group.
import { latency } from './latency-groups.mjs';
import { million } from './million-groups.mjs';
import { redis } from './redis-groups.mjs';

const OWN_AND_RAW = ['nestjs-pyncette, best', 'raw 1000/2', 'nestjs-pyncette, default', 'raw 100/2'];
const MORE_RAW = ['raw 1000/1', 'raw 100/1'];
const PEERS = ['pg-boss', 'graphile-worker', 'bullmq', 'agenda'];

const EXECUTING = {
  workload: 'execute',
  columns: { stored: '/s, stored', ran: '/s, handlers', cpuMicros: 'CPU µs each', twice: 'run twice' },
  sizes: { full: { count: 100_000 }, quick: { count: 4_000 } },
};
const SCHEDULING = {
  workload: 'schedule',
  columns: { rate: '/s', cpuMicros: 'CPU µs each' },
  params: { kind: 'once-off' },
  sizes: { full: { count: 50_000 }, quick: { count: 3_000 } },
};

const together = (processes, who, contender) => ({
  row: `${processes} × ${who}`,
  contender,
  params: { processes },
});

export const GROUPS = {
  recurring: {
    title: 'PostgreSQL: executing due recurring instances, at least once',
    ...EXECUTING,
    params: { kind: 'recurring' },
    rows: [...OWN_AND_RAW, 'raw 1/1', ...PEERS],
    thorough: MORE_RAW,
    // As many as each gets done in a few seconds.
    parts: { 'raw 1/1': 0.1, 'graphile-worker': 0.1, agenda: 0.04, bullmq: 0.5 },
  },
  'once-off': {
    title: 'PostgreSQL: executing due once-off instances',
    ...EXECUTING,
    params: { kind: 'once-off' },
    rows: ['nestjs-pyncette, best', 'raw 1000/2', ...PEERS],
    thorough: ['nestjs-pyncette, default', 'raw 100/2', ...MORE_RAW],
    parts: { agenda: 0.04 },
  },
  'at most once': {
    title: 'PostgreSQL: executing due recurring instances, at most once',
    ...EXECUTING,
    params: { kind: 'at most once' },
    rows: ['nestjs-pyncette, best', 'raw 1000/2'],
    thorough: ['nestjs-pyncette, default', 'raw 100/2', ...MORE_RAW],
  },
  sqlite: {
    title: 'SQLite: executing due recurring instances, at least once',
    ...EXECUTING,
    params: { kind: 'recurring' },
    rows: ['SQLite, default', 'SQLite, raw 100'],
    thorough: ['SQLite, best', 'SQLite, raw 1000'],
  },
  mariadb: {
    title: 'MariaDB: executing due recurring instances, at least once',
    ...EXECUTING,
    params: { kind: 'recurring' },
    rows: ['MariaDB, default', 'MariaDB, raw 100/2'],
    thorough: ['MariaDB, best', 'MariaDB, raw 1000/2'],
  },
  history: {
    title: 'Executing due recurring instances, with a history of executions and without',
    ...EXECUTING,
    params: { kind: 'recurring' },
    rows: ['nestjs-pyncette, history', 'nestjs-pyncette, default'],
    thorough: ['SQLite, history', 'SQLite, default', 'MariaDB, history', 'MariaDB, default'],
  },
  'history pruned': {
    title: 'PostgreSQL: full load with a history that is pruned after ten seconds',
    workload: 'pruned',
    columns: {
      executions: 'executions',
      rate: '/s',
      mostRows: 'most rows in the history',
      rowsChange: 'rows, last ÷ second quarter',
      mostMb: 'most MB',
      sizeChange: 'MB, last ÷ third quarter',
    },
    params: { kind: 'recurring', goesOn: true },
    sizes: {
      full: { count: 200_000, everyMs: 2_000, seconds: 200 },
      quick: { count: 5_000, everyMs: 100, seconds: 4 },
    },
    rounds: 1,
    rows: ['nestjs-pyncette, short history'],
  },
  ...redis,
  ...latency,
  scheduling: {
    title: 'PostgreSQL: scheduling one by one, 50 callers in flight',
    ...SCHEDULING,
    params: { ...SCHEDULING.params, callers: 50 },
    rows: ['nestjs-pyncette, default', { row: 'raw, coalesced', contender: 'raw 1000/1' }, ...PEERS],
    parts: { 'pg-boss': 0.1, 'graphile-worker': 0.1, agenda: 0.2 },
  },
  bulk: {
    title: 'PostgreSQL: scheduling in bulk, 1,000 a call',
    ...SCHEDULING,
    rows: ['nestjs-pyncette, default', 'raw 1000/1', 'pg-boss', 'graphile-worker', 'bullmq'],
  },
  ...million,
  idle: {
    title: 'An idle process',
    workload: 'idle',
    columns: {
      queries: 'transactions/s',
      polls: 'polls/s',
      cpuMs: 'CPU ms/s',
      rssMb: 'RSS MB',
      heapMb: 'heap MB',
    },
    params: { kind: 'once-off' },
    sizes: { full: { seconds: 20 }, quick: { seconds: 2 } },
    rows: ['nestjs-pyncette, default', ...PEERS],
    thorough: ['SQLite, default'],
  },
  processes: {
    title: 'Several processes on one PostgreSQL, executing due recurring instances',
    workload: 'processes',
    columns: {
      rate: '/s together',
      leastShare: 'least, of a fair share',
      mostShare: 'most',
      twice: 'run twice',
    },
    sizes: { full: { count: 200_000, warmUp: 20_000 }, quick: { count: 6_000, warmUp: 500 } },
    params: { kind: 'recurring' },
    rows: [1, 4].map((processes) => together(processes, 'nestjs-pyncette', 'nestjs-pyncette, default')),
    thorough: [
      ...[2, 8].map((processes) => together(processes, 'nestjs-pyncette', 'nestjs-pyncette, default')),
      ...[1, 2, 4, 8].map((processes) => together(processes, 'raw 100/2', 'raw 100/2')),
    ],
  },
  sustained: {
    title: 'PostgreSQL: full load for minutes',
    workload: 'sustained',
    columns: {
      rate: '/s',
      rateChange: 'rate, last ÷ second quarter',
      heapChange: 'heap, the same',
      rssChange: 'RSS, the same',
      tableFirstMb: 'table MB at first',
      tableMostMb: 'most',
      tableAfter: 'after vacuum ÷ first',
    },
    params: { kind: 'recurring', goesOn: true },
    // Each is due a hundred thousand times a second in all.
    sizes: {
      full: { count: 1_000_000, everyMs: 10_000, seconds: 300 },
      quick: { count: 20_000, everyMs: 200, seconds: 5 },
    },
    rounds: 1,
    rows: ['nestjs-pyncette, best'],
    thorough: ['raw 1000/2'],
  },
  memory: { title: 'The schedule in memory', script: 'memory.mjs' },
  cron: { title: 'Cron arithmetic', script: 'cron.mjs' },
  timers: { title: '10,000 crons in one process', script: 'peers/timers.mjs', isPeer: true },
};
