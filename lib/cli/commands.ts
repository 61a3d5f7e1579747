import type { Command } from './command.js';

const BULK =
  'What concerns many instances is asked about first; where nobody can be asked it needs --yes. It goes in steps: one that is interrupted has done part of it, and may be called again.';

const WAKE = 'A process that runs notices within its poll interval.';

/** All commands, in the order of help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'list',
    summary: 'The tasks with counts by state; or the instances of one.',
    usage: ['[options]', 'TASK [--state STATE] [--prefix TEXT] [--limit N] [--after NAME]'],
    positionals: [0, 1],
    options: ['state', 'prefix', 'limit', 'after', 'no-args'],
    examples: [
      'list',
      'list remind --state parked',
      'list remind --prefix user- --limit 100 --after user-17',
    ],
    load: async () => (await import('./commands/list.js')).list,
  },
  {
    name: 'show',
    summary: 'All about one instance, and its next ten runs.',
    usage: ['TASK [INSTANCE] [--no-args]'],
    details: ['A static task has no instances: name the task alone.'],
    positionals: [1, 2],
    options: ['no-args'],
    examples: ['show daily', 'show remind user-17 --no-args', 'show remind user-17 --utc --json'],
    load: async () => (await import('./commands/show.js')).show,
  },
  {
    name: 'trigger',
    summary: 'One run now, apart from the schedule.',
    usage: ['TASK [INSTANCE] [--args JSON]'],
    details: [
      `${WAKE} An instance that is executing runs once more afterwards; one that is paused or parked after it has been resumed.`,
    ],
    positionals: [1, 2],
    options: ['args', 'no-args'],
    examples: ['trigger daily', `trigger remind user-17 --args '{"username":"bill"}'`],
    load: async () => (await import('./commands/trigger.js')).trigger,
  },
  {
    name: 'pause',
    summary: 'Holds an instance, or a template with all its instances.',
    usage: ['TASK [INSTANCE]', 'TASK --all'],
    details: [`${WAKE} What executes finishes. With --all instances that are scheduled later are held too.`],
    positionals: [1, 2],
    options: ['all', 'yes', 'no-args'],
    examples: ['pause daily', 'pause remind user-17', 'pause remind --all'],
    load: async () => (await import('./commands/pause.js')).pause,
  },
  {
    name: 'resume',
    summary: 'Ends a pause; gives parked instances new attempts.',
    usage: [
      'TASK [INSTANCE] [--from now]',
      'TASK --all [--from now]',
      'TASK --state parked [--prefix TEXT] [--from now] [--yes]',
    ],
    details: [
      `${WAKE} --all ends the pause of a template; instances that were paused one by one stay so.`,
      BULK,
    ],
    positionals: [1, 2],
    options: ['all', 'state', 'prefix', 'from', 'yes', 'no-args'],
    examples: [
      'resume remind user-17',
      'resume remind --all --from now',
      'resume remind --state parked --yes',
    ],
    load: async () => (await import('./commands/resume.js')).resume,
  },
  {
    name: 'unschedule',
    summary: 'Removes an instance, or many.',
    usage: [
      'TASK INSTANCE',
      'TASK --prefix TEXT [--state STATE] [--yes]',
      'TASK --state STATE [--yes]',
      'TASK --all [--yes]',
    ],
    details: [
      'An execution in flight finishes, and does not bring it back.',
      '--all is for tasks whose code is gone: it removes every row, that of a static task too, which a process that still has the task brings back at its next start.',
      BULK,
    ],
    positionals: [1, 2],
    options: ['prefix', 'state', 'all', 'yes'],
    examples: [
      'unschedule remind user-17',
      'unschedule remind --prefix user-',
      'unschedule remind --state parked --yes',
    ],
    load: async () => (await import('./commands/unschedule.js')).unschedule,
  },
  {
    name: 'parked',
    summary: 'What has been parked, and why.',
    usage: ['[TASK] [--limit N]'],
    positionals: [0, 1],
    options: ['limit', 'no-args'],
    examples: ['parked', 'parked remind --limit 500 --json'],
    load: async () => (await import('./commands/parked.js')).parked,
  },
  {
    name: 'migrate',
    summary: 'Creates the table, or brings it to the version of this release.',
    usage: ['', '--print'],
    details: [
      'Harmless where there is nothing to do, and while processes run. For applications with `createTables: false`.',
    ],
    positionals: [0, 0],
    options: ['print'],
    examples: ['migrate --schema jobs', 'migrate --print --url postgres:// > pyncette.sql'],
    load: async () => (await import('./commands/migrate.js')).migrate,
  },
  {
    name: 'doctor',
    summary: 'Says what is wrong, and the remedy.',
    usage: ['[--known A,B] [--late DURATION]'],
    details: ['Changes nothing. Ends with code 1 when something has failed; warnings alone end with 0.'],
    positionals: [0, 0],
    options: ['known', 'late'],
    examples: ['doctor', 'doctor --known daily,remind --late 5m', 'doctor --json'],
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
];
