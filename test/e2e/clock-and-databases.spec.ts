import { DynamicTask } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase, isAvailable } from '../databases/databases.js';
import { launch } from './launch.js';

describe.runIf(isAvailable('postgres'))('A TestClock on a real database', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase('postgres');
  });
  afterAll(() => database.drop());

  it('waits for the settlement of a handler that goes on after its timeout', async () => {
    const starts: number[] = [];
    class Tasks {
      @DynamicTask({ timeout: '3s', retry: { maxAttempts: 2, delay: '1s' } })
      async deaf(): Promise<void> {
        starts.push(launched.clock.now() - began);
        await launched.clock.sleep('10s');
      }
    }
    const launched = await launch([Tasks], { repository: typeOrmRepository({ ...database.options }) });
    const began = launched.clock.now();
    await launched.pyncette.scheduleTask('deaf', 'x', { executeIn: '1s' });
    await launched.clock.advance('4500ms');
    const task = await launched.pyncette.getTask('deaf', 'x');
    expect([task?.state, task?.lastError?.name]).toEqual(['scheduled', 'TaskTimeoutException']);
    await launched.clock.advance('15s');
    expect(starts).toEqual([1_000, 5_000]);
  });

  it('waits for the settlements of handlers that have left a sleep behind', async () => {
    let runs = 0;
    class Tasks {
      @DynamicTask()
      careless(): void {
        runs++;
        void launched.clock.sleep('10s');
      }
    }
    const launched = await launch([Tasks], { repository: typeOrmRepository({ ...database.options }) });
    await launched.pyncette.scheduleTask('careless', 'x', { interval: '1s' });
    await launched.clock.advance('20s');
    expect(runs).toBe(20);
  });
});
