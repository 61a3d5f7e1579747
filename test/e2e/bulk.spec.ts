import { type BulkProgress, DynamicTask, PartitionedTask, Task, type TaskContext } from 'nestjs-pyncette';
import { describe, expect, it } from 'vitest';
import { launch } from './launch.js';

class Tasks {
  runs = 0;
  isBroken = true;

  @Task({ interval: '1h' })
  hourly(): void {}

  @DynamicTask({ retry: { maxAttempts: 1, delay: '1s', exhausted: 'park' } })
  async remind(context: TaskContext<{ fails?: boolean }>): Promise<void> {
    this.runs++;
    if (context.args.fails === true && this.isBroken) throw new Error('broken');
  }

  @PartitionedTask({ partitionCount: 4 })
  digest(): void {}
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

async function filled() {
  const launched = await launch([Tasks], { batchSize: 5_000, concurrencyLimit: 5_000 });
  const { pyncette, clock } = launched;
  const instances = [
    ...names('bad/', 2_500).map((instanceName) => ({
      instanceName,
      interval: '1m',
      args: { fails: true },
    })),
    ...names('good/', 20).map((instanceName) => ({ instanceName, interval: '1h' })),
  ];
  await pyncette.scheduleTasks('remind', instances);
  await clock.advance('61s');
  return { ...launched, tasks: launched.app.get(Tasks) };
}

describe('countTasks', () => {
  it('counts by state and by the beginning of the name', async () => {
    const { pyncette } = await filled();
    expect(await pyncette.countTasks('remind')).toBe(2_520);
    expect(await pyncette.countTasks(Tasks.prototype.remind, { state: 'parked' })).toBe(2_500);
    expect(await pyncette.countTasks('remind', { state: 'scheduled', namePrefix: 'good/1' })).toBe(11);
    expect(await pyncette.countTasks('hourly')).toBe(1);
    await pyncette.scheduleTasks(
      'digest',
      names('user', 7).map((instanceName) => ({ instanceName, interval: '1h' })),
    );
    await pyncette.pauseTask('digest', 'user3');
    expect(await pyncette.countTasks('digest', { state: 'paused' })).toBe(1);
  });
});

describe('resumeTasks', () => {
  it('resumes what is parked in steps, and each as resumeTask does', async () => {
    const { pyncette, clock, tasks, of } = await filled();
    tasks.isBroken = false;
    const progress: BulkProgress[] = [];
    await pyncette.pauseTask('remind', 'good/1');
    const resumed = await pyncette.resumeTasks(
      'remind',
      { state: 'parked' },
      { onProgress: (step) => progress.push(step) },
    );
    expect(resumed).toBe(2_500);
    expect(progress).toEqual([1_000, 2_000, 2_500].map((done) => ({ done, total: 2_500 })));
    expect(of('instance:resumed')).toHaveLength(2_500);
    expect(await pyncette.countTasks('remind', { state: 'parked' })).toBe(0);
    tasks.runs = 0;
    await clock.advance('1s');
    expect(tasks.runs).toBe(2_500);
    expect((await pyncette.getTask('remind', 'bad/7'))?.attempt).toBe(0);
    expect((await pyncette.getTask('remind', 'good/1'))?.state).toBe('paused');
  });

  it('goes on from now, or by name; only what is held as it says', async () => {
    const { pyncette, clock } = await filled();
    const some = { state: 'parked', namePrefix: 'bad/24' } as const;
    expect(await pyncette.resumeTasks('remind', some, { from: 'now' })).toBe(111);
    const at = (await pyncette.getTask('remind', 'bad/2400'))?.scheduledAt?.toMillis();
    expect(at).toBe(clock.now() + 60_000);
    await pyncette.pauseTask('remind');
    await pyncette.pauseTask('remind', 'good/3');
    expect(await pyncette.resumeTasks('remind', { state: 'paused' })).toBe(1);
    expect((await pyncette.getTask('remind', 'good/3'))?.state).toBe('paused');
    expect(await pyncette.resumeTasks('hourly', { state: 'paused' })).toBe(0);
  });
});

describe('unscheduleTasks', () => {
  it('removes what fits in steps, and each as unscheduleTask does', async () => {
    const { pyncette, of } = await filled();
    const progress: BulkProgress[] = [];
    expect(
      await pyncette.unscheduleTasks(
        'remind',
        { state: 'parked', namePrefix: 'bad/' },
        { onProgress: (step) => progress.push(step) },
      ),
    ).toBe(2_500);
    expect(progress.map(({ done }) => done)).toEqual([1_000, 2_000, 2_500]);
    expect(of('instance:unscheduled')).toHaveLength(2_500);
    expect(await pyncette.countTasks('remind')).toBe(20);
    expect(await pyncette.unscheduleTasks('remind', { namePrefix: 'good/1' })).toBe(11);
    expect(await pyncette.unscheduleTasks('remind', {})).toBe(9);
    expect(await pyncette.unscheduleTasks('remind', {})).toBe(0);
  });
});

describe('listUpcoming', () => {
  it('lists what becomes due next over all tasks, overdue first', async () => {
    const { pyncette, clock } = await launch([Tasks]);
    await pyncette.scheduleTask('remind', 'soon', { executeIn: '5m' });
    await pyncette.scheduleTask('digest', 'later', { executeIn: '2h' });
    await pyncette.scheduleTask('remind', 'overdue', { executeIn: '1m' });
    await pyncette.scheduleTask('remind', 'paused', { executeIn: '1m' });
    await pyncette.pauseTask('remind', 'paused');
    pyncette.setEnabled('remind', false);
    await clock.advance('2m');
    const label = ({ task, instanceName }: { task: string; instanceName: string | null }) =>
      `${task} ${instanceName}`;
    expect((await pyncette.listUpcoming()).map(label)).toEqual([
      'remind overdue',
      'remind soon',
      'hourly null',
      'digest later',
    ]);
    expect((await pyncette.listUpcoming({ limit: 1 })).map(label)).toEqual(['remind overdue']);
    expect((await pyncette.listUpcoming({ tasks: ['hourly', Tasks.prototype.digest] })).map(label)).toEqual([
      'hourly null',
      'digest later',
    ]);
    await expect(pyncette.listUpcoming({ tasks: ['remnd'] })).rejects.toThrow(/did you mean 'remind'/);
  });
});

describe('What listings and bulk actions do not know', () => {
  it.each<[string, (pyncette: Awaited<ReturnType<typeof launch>>['pyncette']) => Promise<unknown>, RegExp]>([
    [
      'listTasks',
      (pyncette) => pyncette.listTasks('remind', { nameprefix: 'a' } as never),
      /listTasks\(\) knows no option 'nameprefix' \(did you mean 'namePrefix'\?\)/,
    ],
    [
      'a state',
      (pyncette) => pyncette.listTasks('remind', { state: 'parkd' as never }),
      /state is 'parkd'; it has to be .* \(did you mean 'parked'\?\)/,
    ],
    [
      'a prefix',
      (pyncette) => pyncette.countTasks('remind', { namePrefix: 7 as never }),
      /namePrefix is 7; it has to be a string/,
    ],
    ['countTasks', (pyncette) => pyncette.countTasks('remind', { sate: 'parked' } as never), /'state'/],
    ['listUpcoming', (pyncette) => pyncette.listUpcoming({ task: 'remind' } as never), /'tasks'/],
    ['its limit', (pyncette) => pyncette.listUpcoming({ limit: 0 }), /limit is 0/],
    ['unscheduleTasks', (pyncette) => pyncette.unscheduleTasks('remind', { prefix: 'a' } as never), /prefix/],
    [
      'a filter without a value',
      (pyncette) => pyncette.unscheduleTasks('remind', { namePrefix: undefined }),
      /Nothing in the filter .* has a value: give \{\} if all instances are meant/,
    ],
    ['a filter that is none', (pyncette) => pyncette.unscheduleTasks('remind', 'a' as never), /in an object/],
    [
      'its options',
      (pyncette) => pyncette.unscheduleTasks('remind', {}, { progress: 1 } as never),
      /unscheduleTasks\(\) knows no option 'progress' \(did you mean 'onProgress'\?\)/,
    ],
    ['static tasks', (pyncette) => pyncette.unscheduleTasks('hourly', {}), /is a static task/],
    ['no state', (pyncette) => pyncette.resumeTasks('remind', {} as never), /needs a state: 'parked' or/],
    [
      'states that are no holds',
      (pyncette) => pyncette.resumeTasks('remind', { state: 'running' as never }),
      /state is 'running'; it has to be 'parked' or 'paused'/,
    ],
    [
      'where to go on',
      (pyncette) => pyncette.resumeTasks('remind', { state: 'parked' }, { fron: 'now' } as never),
      /knows no option 'fron' \(did you mean 'from'\?\)/,
    ],
  ])('is refused: %s', async (_what, call, message) => {
    const { pyncette } = await launch([Tasks]);
    await pyncette.scheduleTask('remind', 'a', { interval: '1h' });
    await expect(call(pyncette)).rejects.toThrow(message);
    expect(await pyncette.countTasks('remind')).toBe(1);
  });
});
