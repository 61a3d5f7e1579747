import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { Fleet } from './fleet.js';

/** How long processes are killed: `npm run test:chaos` a minute, CHAOS_SECONDS says otherwise. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const ONCE_OFFS = Math.min(5_000, SECONDS * 100);
const RECURRING = Math.min(500, SECONDS * 10);
const EVERY_MS = 5_000;

class Templates {
  @DynamicTask()
  atLeastOnce(): void {}

  @DynamicTask()
  recurring(): void {}

  @DynamicTask()
  atMostOnce(): void {}

  @DynamicTask()
  transactional(): void {}
}

describe.each(DATABASES.filter(isAvailable))('Four processes on %s, killed at random', (name) => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let client: INestApplicationContext;

  beforeAll(async () => {
    database = await createDatabase(name);
    dataSource = await new DataSource(database.options).initialize();
    if (name === 'sqlite') await dataSource.query('PRAGMA journal_mode = WAL');
    await dataSource.query(
      'CREATE TABLE effects (kind varchar(20) NOT NULL, instance varchar(50) NOT NULL, occurrence bigint NOT NULL)',
    );
    @Module({
      imports: [PyncetteModule.forRoot({ repository: typeOrmRepository({ dataSource }), autoStart: false })],
      providers: [Templates],
    })
    class ClientModule {}
    client = await NestFactory.createApplicationContext(ClientModule, { logger: false });
  });
  afterAll(async () => {
    await client.close();
    await dataSource.destroy();
    await database.drop();
  });

  it(
    'every occurrence happens as often as its mode promises',
    { timeout: (SECONDS + 240) * 1_000 },
    async () => {
      const pyncette = client.get(PyncetteService);
      const soon = (index: number): number => Math.floor((index / ONCE_OFFS) * SECONDS * 700);
      const onceOffs = Array.from({ length: ONCE_OFFS }, (_, index) => ({
        instanceName: `o${index}`,
        executeIn: soon(index),
      }));
      const [atLeastOnce, transactional] = [
        onceOffs.slice(0, ONCE_OFFS * 0.8),
        onceOffs.slice(ONCE_OFFS * 0.8),
      ];
      const recurring = Array.from({ length: RECURRING / 2 }, (_, index) => ({
        instanceName: `r${index}`,
        interval: EVERY_MS,
      }));
      await pyncette.scheduleTasks('atLeastOnce', atLeastOnce);
      await pyncette.scheduleTasks('transactional', transactional);
      await pyncette.scheduleTasks('recurring', recurring);
      await pyncette.scheduleTasks('atMostOnce', recurring);

      const fleet = new Fleet(database.options);
      fleet.start(4);
      const until = performance.now() + SECONDS * 1_000;
      let kills = 0;
      while (performance.now() < until) {
        await sleep(500 + Math.random() * 1_500);
        await fleet.killOne();
        fleet.start();
        kills++;
      }
      const isOver = async (): Promise<boolean> =>
        (await pyncette.listTasks('atLeastOnce', { limit: 1 })).tasks.length +
          (await pyncette.listTasks('transactional', { limit: 1 })).tasks.length ===
        0;
      await expect.poll(isOver, { timeout: 120_000, interval: 500 }).toBe(true);
      const codes = await fleet.stop();
      expect(codes).toEqual([0, 0, 0, 0]);

      const counts = await effects(dataSource);
      const most = (kind: string): number =>
        Math.max(...(counts.get(kind) ?? new Map<string, number>()).values());
      console.log(
        `${name}: ${kills} kills; at least once ${sum(counts.get('atLeastOnce'))} starts for ${atLeastOnce.length} occurrences, recurring ${sum(counts.get('recurring'))} for ${counts.get('recurring')?.size}, at most once ${sum(counts.get('atMostOnce'))}, transactional ${sum(counts.get('transactional'))} for ${transactional.length}`,
      );
      expect(instancesOf(counts.get('atLeastOnce')).size).toBe(atLeastOnce.length);
      expect(most('atMostOnce')).toBe(1);
      expect(instancesOf(counts.get('transactional')).size).toBe(transactional.length);
      expect(most('transactional')).toBe(1);
      expect(gaps(counts.get('recurring'))).toEqual([]);
    },
  );
});

type Counts = ReadonlyMap<string, number>;

const sum = (counts: Counts | undefined): number => [...(counts?.values() ?? [])].reduce((a, b) => a + b, 0);

const instancesOf = (counts: Counts | undefined): Set<string> =>
  new Set([...(counts?.keys() ?? [])].map((key) => key.split('@')[0] ?? ''));

/** How often each occurrence of each kind was started. */
async function effects(dataSource: DataSource): Promise<Map<string, Map<string, number>>> {
  const rows: unknown = await dataSource.query(
    'SELECT kind, instance, occurrence, COUNT(*) AS starts FROM effects GROUP BY kind, instance, occurrence',
  );
  const counts = new Map<string, Map<string, number>>();
  for (const row of rows as { kind: string; instance: string; occurrence: string; starts: string }[]) {
    const ofKind = counts.get(row.kind) ?? new Map<string, number>();
    ofKind.set(`${row.instance}@${row.occurrence}`, Number(row.starts));
    counts.set(row.kind, ofKind);
  }
  return counts;
}

/** Occurrences of recurring instances that were jumped over. */
function gaps(counts: Counts | undefined): string[] {
  const moments = new Map<string, number[]>();
  for (const key of counts?.keys() ?? []) {
    const [instance = '', occurrence] = key.split('@');
    moments.set(instance, [...(moments.get(instance) ?? []), Number(occurrence)]);
  }
  return [...moments].flatMap(([instance, list]) => {
    const sorted = list.sort((a, b) => a - b);
    return sorted
      .slice(1)
      .flatMap((moment, index) =>
        moment - (sorted[index] ?? 0) === EVERY_MS ? [] : [`${instance}@${moment}`],
      );
  });
}
