import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arena } from './arena.js';
import { effectsIn, gaps, instancesOf, mostStarts } from './effects.js';
import { isTransactional, openScene, scenes } from './scenes.js';

/** How long processes are killed: `npm run test:chaos` a minute, CHAOS_SECONDS says otherwise. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);
const ONCE_OFFS = Math.min(5_000, SECONDS * 100);
const RECURRING = Math.min(500, SECONDS * 10);
/** Often enough that some occurrences come while processes are killed, however short that is. */
const EVERY_MS = Math.min(5_000, SECONDS * 500);

describe.each(scenes())('Four processes on %s, killed at random', (name) => {
  let arena: Arena;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ arena, close } = await openScene(name));
  });
  afterAll(() => close());

  async function schedule(): Promise<{ atLeastOnce: number; transactional: number }> {
    const onceOffs = Array.from({ length: ONCE_OFFS }, (_, index) => ({
      instanceName: `o${index}`,
      executeIn: Math.floor((index / ONCE_OFFS) * SECONDS * 700),
    }));
    const [atLeastOnce, transactional] = [
      onceOffs.filter((_, index) => index % 5 !== 0),
      onceOffs.filter((_, index) => index % 5 === 0),
    ];
    const recurring = Array.from({ length: RECURRING / 2 }, (_, index) => ({
      instanceName: `r${index}`,
      interval: EVERY_MS,
    }));
    const { pyncette } = arena;
    await pyncette.scheduleTasks('atLeastOnce', atLeastOnce);
    await pyncette.scheduleTasks('transactional', transactional);
    await pyncette.scheduleTasks('recurring', recurring);
    await pyncette.scheduleTasks('atMostOnce', recurring);
    return { atLeastOnce: atLeastOnce.length, transactional: transactional.length };
  }

  it(
    'every occurrence happens as often as its mode promises',
    { timeout: (SECONDS + 240) * 1_000 },
    async () => {
      const scheduled = await schedule();
      const { fleet, dataSource } = arena;
      fleet.startMany(4);
      const until = performance.now() + SECONDS * 1_000;
      let kills = 0;
      for (; performance.now() < until; kills++) {
        await sleep(500 + Math.random() * 1_500);
        await fleet.killOne();
        fleet.start();
      }
      await expect
        .poll(() => arena.isDone('atLeastOnce', 'transactional'), { timeout: 120_000, interval: 500 })
        .toBe(true);
      expect(await fleet.stop()).toEqual([0, 0, 0, 0]);

      const of = (kind: string) => effectsIn(dataSource, kind);
      const [atLeastOnce, transactional] = [await of('atLeastOnce'), await of('transactional')];
      const [recurring, atMostOnce] = [await of('recurring'), await of('atMostOnce')];
      console.log(
        `${name}: ${kills} kills; at least once ${atLeastOnce.length} starts for ${scheduled.atLeastOnce} occurrences, recurring ${recurring.length}, at most once ${atMostOnce.length}, transactional ${transactional.length} for ${scheduled.transactional}`,
      );
      expect(instancesOf(atLeastOnce).size).toBe(scheduled.atLeastOnce);
      expect(mostStarts(atMostOnce)).toBe(1);
      expect(instancesOf(transactional).size).toBe(scheduled.transactional);
      if (isTransactional(name)) expect(transactional.length).toBe(scheduled.transactional);
      expect(gaps(recurring, EVERY_MS)).toEqual([]);
    },
  );
});
