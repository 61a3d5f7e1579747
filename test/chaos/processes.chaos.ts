import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Arena } from './arena.js';
import { effectsIn, gaps, instancesOf, mostStarts } from './effects.js';
import { openScene, scenes } from './scenes.js';

describe.each(scenes())('Processes on %s', (name) => {
  let arena: Arena;
  let close: () => Promise<void>;

  beforeEach(async () => {
    ({ arena, close } = await openScene(name));
  });
  afterEach(() => close());

  const count = async (kind: string): Promise<number> => (await effectsIn(arena.dataSource, kind)).length;

  it(
    'one that was paused past its lease changes nothing when it wakes, and its handler is told (L1)',
    { timeout: 60_000 },
    async () => {
      await arena.pyncette.scheduleTask('long', 'bill', { executeIn: 0 });
      const zombie = arena.fleet.start();
      await expect.poll(() => count('long'), { timeout: 15_000 }).toBe(1);
      zombie.signal('SIGSTOP');
      arena.fleet.start();
      await expect.poll(() => count('long'), { timeout: 15_000 }).toBe(2);
      zombie.signal('SIGCONT');
      await expect.poll(() => count('aborted'), { timeout: 10_000 }).toBe(1);
      await expect.poll(() => count('finished'), { timeout: 20_000 }).toBe(1);
      await expect.poll(() => arena.isDone('long'), { timeout: 5_000 }).toBe(true);
      expect(await count('long')).toBe(2);
    },
  );

  it(
    'one that is told to end leaves what is due to the other, who runs it within two seconds (S4)',
    { timeout: 60_000 },
    async () => {
      const ending = arena.fleet.start({ CHAOS_CONCURRENCY: '1', CHAOS_WORK_MS: '1' });
      const other = arena.fleet.start({ CHAOS_WORK_MS: '1' });
      await Promise.all([ending.ready, other.ready]);
      await arena.pyncette.scheduleTask('long', 'busy', { executeIn: 0 });
      await expect.poll(() => count('long'), { timeout: 5_000 }).toBe(1);
      const instances = Array.from({ length: 50 }, (_, index) => ({
        instanceName: `i${index}`,
        executeIn: 0,
      }));
      await arena.pyncette.scheduleTasks('atLeastOnce', instances);
      ending.signal('SIGTERM');
      await expect.poll(() => count('atLeastOnce'), { timeout: 2_000, interval: 50 }).toBe(50);
      expect(await ending.ended).toBe(0);
      expect(await count('aborted')).toBe(0);
    },
  );

  it(
    'whose clocks are five minutes apart run nothing early and nothing twice (C1)',
    { timeout: 60_000 },
    async () => {
      // SQLite has no clock of its own: on one file all processes are on one machine, and so on one clock.
      const skews = name === 'sqlite' ? ['0', '0', '0'] : ['0', '300000', '-300000'];
      // At most half a lease: a machine that stalls for a while must not let one run out.
      const workers = skews.map((skew) => arena.fleet.start({ CHAOS_SKEW_MS: skew, CHAOS_WORK_MS: '1000' }));
      const instances = Array.from({ length: 30 }, (_, index) => ({
        instanceName: `r${index}`,
        interval: 2_000,
      }));
      await arena.pyncette.scheduleTasks('recurring', instances);
      await sleep(11_000);
      const effects = await effectsIn(arena.dataSource, 'recurring');
      expect(instancesOf(effects).size).toBe(30);
      expect(mostStarts(effects), workers.map(({ output }) => output).join('\n')).toBe(1);
      expect(gaps(effects, 2_000)).toEqual([]);
      expect(Math.max(...effects.map(({ occurrence }) => occurrence))).toBeLessThanOrEqual(Date.now());
      expect(await arena.fleet.stop()).toEqual([0, 0, 0]);
    },
  );
});
