// Who is measured, with which settings. What a row of a table is called is its key here.
const own = (settings, says) => ({ module: 'contenders/own.mjs', server: 'PostgreSQL', settings, says });
const raw = (batch, connections) => ({
  module: 'contenders/raw-postgres.mjs',
  server: 'PostgreSQL',
  settings: { batch, connections },
  says: `${batch} rows a statement, ${connections === 1 ? 'one connection' : `${connections} connections`}`,
});

export const CONTENDERS = {
  'nestjs-pyncette, best': own(
    { batchSize: 1_000, concurrencyLimit: 2_000 },
    'batchSize 1000, concurrencyLimit 2000',
  ),
  'nestjs-pyncette, default': own({}, 'batchSize 100, concurrencyLimit 100'),
  'raw 1000/2': raw(1_000, 2),
  'raw 1000/1': raw(1_000, 1),
  'raw 100/2': raw(100, 2),
  'raw 100/1': raw(100, 1),
  'raw 1/1': raw(1, 1),
};
