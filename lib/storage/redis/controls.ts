import type { Keys } from './keys.js';
import type { Link } from './link.js';

/** The field that says that a template is paused. */
export const PAUSED = 'paused';

/** Which templates are paused as a whole. */
export class Controls {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** Those of some templates that are paused. */
  async pausedOf(tasks: readonly string[]): Promise<ReadonlySet<string>> {
    const asked = [...new Set(tasks)];
    if (asked.length === 0) return new Set();
    const answers = await this.link.trip(() =>
      Promise.all(asked.map((task) => this.link.command('hexists', this.keys.control(task), PAUSED))),
    );
    return new Set(asked.filter((_, index) => Number(answers[index]) === 1));
  }

  async setPaused(task: string, isPaused: boolean): Promise<void> {
    const control = this.keys.control(task);
    await this.link.trip(() =>
      isPaused ? this.link.command('hset', control, PAUSED, '1') : this.link.command('hdel', control, PAUSED),
    );
  }
}
