// The limit on PostgreSQL: the driver alone doing the statements that a scheduler needs.
import pg from 'pg';
import { coalesced } from './coalesced.mjs';
import { executed, loops } from './loops.mjs';
import * as statements from './postgres-statements.mjs';

const { TABLE, FILL, LEFT, NEXT, COMMIT, REMOVE, UPSERT, claim, claimForGood } = statements;
const LEASE_MS = 60_000;
const SPEC = '{"interval":3600000,"args":{}}';
const moments = (rows) => rows.map(([name, dueAt]) => [name, dueAt.getTime()]);

/** What is done with one batch, by the kind of execution. */
function stepOf(kind, { batch, everyMs }, ask) {
  const claiming = claim(batch);
  const forGood = claimForGood(batch, everyMs);
  async function claimed(client) {
    const now = Date.now();
    const values = ['run', new Date(now), new Date(now + LEASE_MS), client.token];
    return moments(await ask(client, claiming, values));
  }
  const steps = {
    async recurring(client, handler) {
      const { names, nexts } = await executed(await claimed(client), handler, everyMs);
      const moments = nexts.map((next) => new Date(next));
      if (names.length > 0) await ask(client, COMMIT, [client.token, names, moments]);
      return names.length;
    },
    async 'once-off'(client, handler) {
      const { names } = await executed(await claimed(client), handler, 0);
      if (names.length > 0) await ask(client, REMOVE, [client.token, names]);
      return names.length;
    },
    async 'at most once'(client, handler) {
      const rows = moments(await ask(client, forGood, ['run', new Date()]));
      return (await executed(rows, handler, 0)).names.length;
    },
  };
  return steps[kind];
}

async function connected(database, count) {
  const clients = Array.from({ length: count }, () => new pg.Client(database.driver));
  for (const client of clients) {
    client.token = crypto.randomUUID();
    await client.connect();
  }
  return clients;
}

export async function open({ database, settings, kind, goesOn, everyMs = 3_600_000 }) {
  const clients = await connected(database, settings.connections);
  const [first] = clients;
  for (const statement of TABLE) await first.query(statement);
  // By callback: each of pg's own promises keeps the next one's rows from being collected young.
  const ask = (client, statement, values) =>
    new Promise((resolve, reject) =>
      client.query({ ...statement, values, rowMode: 'array' }, (error, answer) =>
        error ? reject(error) : resolve(answer.rows),
      ),
    );
  const step = stepOf(kind, { ...settings, everyMs }, ask);
  const nextDueAt = async (client) => (await ask(client, NEXT, []))[0]?.[0]?.getTime();
  const upsert = (rows) =>
    ask(first, UPSERT, [rows.map(([name]) => name), rows.map(([, at]) => at), rows.map(() => SPEC)]);
  const schedule = coalesced(upsert);
  const polls = { count: 0 };
  const counted = (client, handler) => {
    polls.count++;
    return step(client, handler);
  };
  let running;

  return {
    fill: (count, { dueInMs, stepMs = 0, prefix = 'i', from = 0 }) =>
      first.query(FILL, [count, from, prefix, dueInMs, stepMs]),
    schedule: (name, dueAt) => schedule([name, new Date(dueAt)]),
    scheduleMany: (names, dueAt) => upsert(names.map((name) => [name, new Date(dueAt)])),
    start(handler) {
      running = loops(() => clients, counted, goesOn ? nextDueAt : undefined);
      running.start(handler);
    },
    stop: () => running.stop(),
    poll: () => step(first, () => undefined),
    polls: () => polls.count,
    left: async () => (await first.query(LEFT)).rows[0],
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}
