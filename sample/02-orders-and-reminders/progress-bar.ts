import type { ScheduleProgress } from 'nestjs-pyncette';

const WIDTH = 40;

/** Draws itself anew in one line of a terminal. */
export function progressBar(what: string): (progress: ScheduleProgress) => void {
  return ({ done, total }) => {
    const filled = Math.round((done / total) * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    process.stdout.write(`\r${what} ${bar} ${done}/${total}${done === total ? '\n' : ''}`);
  };
}
