// What is measured: each group is one table, each of its rows a contender with the workload of the group.
const EXECUTING = [
  'nestjs-pyncette, best',
  'raw 1000/2',
  'nestjs-pyncette, default',
  'raw 100/2',
  'raw 1000/1',
  'raw 100/1',
];

const executing = (kind, title, rows) => ({
  title,
  workload: 'execute',
  params: { kind },
  count: { full: 50_000, quick: 20_000 },
  rows,
  figure: 'stored',
  unit: '/s',
});

export const GROUPS = {
  recurring: {
    ...executing('recurring', 'PostgreSQL: executing due recurring instances, at least once', [
      ...EXECUTING,
      'raw 1/1',
    ]),
    fewer: { 'raw 1/1': 0.1 },
  },
  'once-off': executing('once-off', 'PostgreSQL: executing due once-off instances', EXECUTING),
  'at most once': executing(
    'at most once',
    'PostgreSQL: executing due recurring instances, at most once',
    EXECUTING,
  ),
};
