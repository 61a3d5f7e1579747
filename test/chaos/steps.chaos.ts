import { describe, expect, it } from 'vitest';
import { effectsIn, instancesOf, mostStarts } from './effects.js';
import { isTransactional, openScene, scenes } from './scenes.js';

/** A process dies before its nth statement, counted from the first claim on; more statements than all three executions take. */
const STEPS = Number(process.env['CHAOS_STEPS'] ?? 30);

describe.each(scenes())('A process on %s that dies before one statement', (name) => {
  it(
    `whichever of the first ${STEPS} it is, nothing is lost and nothing happens twice that must not (L12)`,
    { timeout: 300_000 },
    async () => {
      const { arena, close } = await openScene(name);
      try {
        let deaths = 0;
        for (let step = 1; step <= STEPS; step++) {
          for (const task of ['atLeastOnce', 'atMostOnce', 'transactional'])
            await arena.pyncette.scheduleTask(task, `s${step}`, { executeIn: 0 });
          const worker = arena.fleet.start({ CHAOS_CRASH_AT: String(step), CHAOS_WORK_MS: '0' });
          await Promise.race([
            worker.ended,
            worker.ready.then(() => new Promise((resolve) => setTimeout(resolve, 1_000))),
          ]);
          worker.signal('SIGKILL');
          if ((await worker.ended) === 'SIGKILL') deaths++;
        }
        arena.fleet.start();
        await expect
          .poll(() => arena.isDone('atLeastOnce', 'atMostOnce', 'transactional'), {
            timeout: 30_000,
            interval: 200,
          })
          .toBe(true);
        expect(deaths).toBe(STEPS);
        expect(instancesOf(await effectsIn(arena.dataSource, 'atLeastOnce')).size).toBe(STEPS);
        expect(mostStarts(await effectsIn(arena.dataSource, 'atMostOnce'))).toBeLessThanOrEqual(1);
        const transactional = await effectsIn(arena.dataSource, 'transactional');
        const happened = transactional.map(({ instance }) => instance);
        expect((isTransactional(name) ? happened : [...new Set(happened)]).sort()).toEqual(
          Array.from({ length: STEPS }, (_, index) => `s${index + 1}`).sort(),
        );
      } finally {
        await close();
      }
    },
  );
});
