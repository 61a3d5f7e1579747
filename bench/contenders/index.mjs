// Who is measured, with which settings. A row of a table names its contender by the key here.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the paths of contenders start from. */
export const CONTENDERS_ROOT = new URL('../', import.meta.url);

const peerFile = (path) => fileURLToPath(new URL(`peers/node_modules/${path}`, CONTENDERS_ROOT));

/** Whether the peers are installed, and the Node that they need with them. */
export const hasPeers = existsSync(peerFile('pg-boss/package.json'));

function peerVersion(name) {
  const file = peerFile(`${name}/package.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : 'not installed';
}

/** Some peers keep what is in flight alive for longer than Node's young generation of 16 MB expects: they are given more of it. */
const PEER_OPTIONS = ['--max-semi-space-size=64'];

const own = (server, settings, says) => ({ module: 'contenders/own.mjs', server, settings, says });
const best = (server, settings = {}, more = '') =>
  own(server, { ...BEST, ...settings }, `${BEST_SAYS}${more}`);
const raw = (server, batch, connections = 1) => ({
  module: `contenders/raw/${server.toLowerCase().replace('postgresql', 'postgres')}.mjs`,
  server,
  settings: { batch, connections },
  says: `the driver alone, batches of ${batch}, ${connections === 1 ? 'one connection' : `${connections} connections`}`,
});
const peer = (name, server, settings, says) => ({
  module: `peers/${name}.mjs`,
  server,
  settings,
  nodeOptions: PEER_OPTIONS,
  says: `${name} ${peerVersion(name)}: ${says}`,
  isPeer: true,
});

const BEST = { batchSize: 1_000, concurrencyLimit: 1_000 };
const BEST_SAYS = 'batchSize 1000, concurrencyLimit 1000';
const DEFAULT_SAYS = 'default settings: batchSize 100, concurrencyLimit 100';
const HISTORY = { history: { retention: '7d' } };

export const CONTENDERS = {
  'nestjs-pyncette, best': best('PostgreSQL'),
  'nestjs-pyncette, default': own('PostgreSQL', {}, DEFAULT_SAYS),
  'nestjs-pyncette, history': own('PostgreSQL', HISTORY, `${DEFAULT_SAYS}, and a history of executions`),
  'nestjs-pyncette, short history': own(
    'PostgreSQL',
    { history: { retention: '10s' } },
    `${DEFAULT_SAYS}, and a history of ten seconds`,
  ),
  'raw 1000/2': raw('PostgreSQL', 1_000, 2),
  'raw 1000/1': raw('PostgreSQL', 1_000, 1),
  'raw 100/2': raw('PostgreSQL', 100, 2),
  'raw 100/1': raw('PostgreSQL', 100, 1),
  'raw 1/1': raw('PostgreSQL', 1, 1),
  'SQLite, best': best('SQLite'),
  'SQLite, default': own('SQLite', {}, DEFAULT_SAYS),
  'SQLite, history': own('SQLite', HISTORY, `${DEFAULT_SAYS}, and a history of executions`),
  'SQLite, raw 1000': raw('SQLite', 1_000),
  'SQLite, raw 100': raw('SQLite', 100),
  'MariaDB, best': best('MariaDB'),
  'MariaDB, default': own('MariaDB', {}, DEFAULT_SAYS),
  'MariaDB, history': own('MariaDB', HISTORY, `${DEFAULT_SAYS}, and a history of executions`),
  'MariaDB, raw 1000/2': raw('MariaDB', 1_000, 2),
  'MariaDB, raw 100/2': raw('MariaDB', 100, 2),
  'Redis, best': best('Redis'),
  'Redis, default': own('Redis', {}, DEFAULT_SAYS),
  'Redis, history': own('Redis', HISTORY, `${DEFAULT_SAYS}, and a history of executions`),
  'pg-boss': peer(
    'pg-boss',
    'PostgreSQL',
    { batchSize: 500, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
    'batchSize 500, localConcurrency 2, burstWhenBatchFull, pollingIntervalSeconds 0.5; recurring: the handler inserts the next jobs of its batch',
  ),
  'graphile-worker': peer(
    'graphile-worker',
    'PostgreSQL',
    { concurrency: 100, size: 1_000, delayMs: 1 },
    'concurrency 100, localQueue 1000, delays 1 ms; recurring: the handler adds the next job',
  ),
  'graphile-worker, polling': peer(
    'graphile-worker',
    'PostgreSQL',
    { concurrency: 24, pollInterval: 50 },
    'concurrency 24, pollInterval 50 ms, no local queue',
  ),
  bullmq: peer(
    'bullmq',
    'Redis',
    { concurrency: 100 },
    'concurrency 100, removeOnComplete, Redis without an append-only file, so not durable; recurring: job schedulers',
  ),
  agenda: peer(
    'agenda',
    'PostgreSQL',
    { processEvery: 100, maxConcurrency: 100, defaultConcurrency: 100, lockLimit: 500 },
    `postgres-backend ${peerVersion('@agendajs/postgres-backend')}, processEvery 100, concurrency 100, lockLimit 500; recurring: repeatEvery`,
  ),
};
