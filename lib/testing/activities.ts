import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

/** Something that runs and that the clock has to wait for. */
export interface Activity {
  readonly label: string;
  /** Polls are what an idle scheduler does; anything else may have changed what polls would find. */
  readonly isPoll: boolean;
  /** How many of its own sleeps it waits in. */
  sleeping: number;
}

/** How long nothing may happen, in real time, before waiting is given up. */
const PATIENCE_MS = 5_000;

/** How often in a row nothing may have happened before everything counts as at rest. */
const QUIET_TURNS = 3;

/** What goes on in the applications on one clock. */
export class Activities {
  /** Counts what may have changed what polls would find. */
  works = 0;
  private readonly active = new Set<Activity>();
  /** Counts everything that happens. */
  private steps = 0;

  begin(label: string): Activity {
    const activity = { label, isPoll: label === 'a poll', sleeping: 0 };
    this.active.add(activity);
    this.step(activity);
    return activity;
  }

  end(activity: Activity): void {
    this.active.delete(activity);
    this.step(activity);
  }

  slept(activity: Activity | undefined): void {
    if (activity !== undefined) activity.sleeping++;
    this.steps++;
  }

  woke(activity: Activity | undefined): void {
    if (activity !== undefined) activity.sleeping--;
    this.steps++;
  }

  /** Resolves when everything has ended or sleeps. @throws Error naming what does neither. */
  async rest(): Promise<void> {
    let since = performance.now();
    let steps = this.steps;
    for (let quietTurns = 0; quietTurns < QUIET_TURNS;) {
      await (quietTurns === 0 && performance.now() - since > 50 ? sleep(2) : setImmediate());
      const isQuiet = steps === this.steps && this.busy().length === 0;
      quietTurns = isQuiet ? quietTurns + 1 : 0;
      if (steps !== this.steps) since = performance.now();
      steps = this.steps;
      if (performance.now() - since > PATIENCE_MS) throw this.stuck();
    }
  }

  private busy(): Activity[] {
    return [...this.active].filter(({ sleeping }) => sleeping <= 0);
  }

  private stuck(): Error {
    const labels = this.busy().map(({ label }) => label);
    return new Error(
      `The clock cannot move on: for ${PATIENCE_MS / 1000} seconds ${labels.join(', ')} neither finished nor slept. Wait with clock.sleep() in handlers`,
    );
  }

  private step(activity: Activity): void {
    this.steps++;
    if (!activity.isPoll) this.works++;
  }
}
