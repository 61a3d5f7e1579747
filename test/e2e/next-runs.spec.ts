import { Injectable } from '@nestjs/common';
import { DynamicTask, Task } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { launch } from './launch.js';

@Injectable()
class Work {
  @Task({ interval: '10s' })
  async regular(): Promise<void> {}

  @Task({ schedule: '0 12 * * *', timezone: 'Europe/Dublin' })
  async daily(): Promise<void> {}

  @Task({ interval: '1h', missed: 'all' })
  async each(): Promise<void> {}

  @DynamicTask({ schedule: '30 * * * *' })
  async hello(): Promise<void> {}

  @DynamicTask()
  async bare(): Promise<void> {}
}

describe('nextRuns', () => {
  const times = (moments: readonly { toISO(): string | null }[]): (string | null)[] =>
    moments.map((moment) => moment.toISO());

  it('answers when a static task runs next, in its zone', async () => {
    const { pyncette } = await launch([Work]);
    expect(times(await pyncette.nextRuns('regular', null, { limit: 2 }))).toEqual([
      '2026-01-01T00:00:10.000Z',
      '2026-01-01T00:00:20.000Z',
    ]);
    const daily = await pyncette.nextRuns('daily');
    expect(daily).toHaveLength(10);
    expect([daily[0]?.toISO(), daily[0]?.zoneName]).toEqual([
      '2026-01-01T12:00:00.000+00:00',
      'Europe/Dublin',
    ]);
  });

  it('begins with what is overdue, and leaves out what its task would drop', async () => {
    const { pyncette, clock } = await launch([Work], { autoStart: false });
    await pyncette.getTask('each');
    await clock.jump('150m');
    expect(times(await pyncette.nextRuns('each', null, { limit: 3 }))).toEqual([
      '2026-01-01T01:00:00.000Z',
      '2026-01-01T02:00:00.000Z',
      '2026-01-01T03:00:00.000Z',
    ]);
    expect(times(await pyncette.nextRuns('regular', null, { limit: 2 }))).toEqual([
      '2026-01-01T00:00:10.000Z',
      '2026-01-01T02:30:00.000Z',
    ]);
  });

  it('answers for an instance, once for a once-off, and for a template by its default schedule', async () => {
    const { pyncette } = await launch([Work]);
    await pyncette.scheduleTask('hello', 'tokyo', { schedule: '0 9 * * *', timezone: 'Asia/Tokyo' });
    await pyncette.scheduleTask('hello', 'once', { executeIn: '1h' });
    const [tokyo] = await pyncette.nextRuns('hello', 'tokyo', { limit: 1 });
    expect([tokyo?.toFormat('dd HH:mm'), tokyo?.zoneName]).toEqual(['02 09:00', 'Asia/Tokyo']);
    expect(times(await pyncette.nextRuns('hello', 'once'))).toEqual(['2026-01-01T01:00:00.000Z']);
    expect(times(await pyncette.nextRuns('hello', null, { limit: 1 }))).toEqual(['2026-01-01T00:30:00.000Z']);
  });

  it('answers nothing where nothing is scheduled', async () => {
    const { pyncette } = await launch([Work]);
    expect(await pyncette.nextRuns('hello', 'nobody')).toEqual([]);
    expect(await pyncette.nextRuns('bare')).toEqual([]);
  });
});

describe('isPaused', () => {
  it('tells of an instance, a static task and a template as a whole', async () => {
    const { pyncette } = await launch([Work]);
    await pyncette.scheduleTask('hello', 'ada', { interval: '1h' });
    expect(await pyncette.isPaused('regular')).toBe(false);
    await pyncette.pauseTask('regular');
    await pyncette.pauseTask('hello', 'ada');
    expect(await pyncette.isPaused('regular')).toBe(true);
    expect([await pyncette.isPaused('hello'), await pyncette.isPaused('hello', 'ada')]).toEqual([
      false,
      true,
    ]);
    await pyncette.pauseTask('hello');
    expect(await pyncette.isPaused('hello')).toBe(true);
  });
});
