import assert from 'node:assert/strict';
import type { TaskDefinition } from '../../../lib/core/task.js';
import type { Execution } from '../../../lib/engine/execution.js';
import { memoryRepository } from '../../../lib/storage/memory.repository.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { START, definition } from '../harness.js';
import { type Asked, InstanceHistory } from './instance-history.js';
import { MortalProcess } from './mortal-process.js';
import { type Step, optionsOf } from './steps.js';

export interface Run {
  readonly takesMs: number;
  readonly fails: boolean;
}

/** Two processes on one store, driven step by step; what runs is held against what is promised as it starts. */
export class World {
  readonly clock = new TestClock(START);
  readonly histories: readonly InstanceHistory[];
  private readonly task: TaskDefinition;
  private readonly store = memoryRepository();
  private readonly processes: [MortalProcess, MortalProcess];
  private readonly retired: MortalProcess[] = [];
  private isTemplatePaused = false;
  private starts = 0;
  private triggers = 0;
  private onces = 0;
  private isCalm = false;
  private failure: unknown = null;

  constructor(
    overrides: Partial<TaskDefinition>,
    private readonly runs: readonly Run[],
    names: readonly string[],
    leaseMs: number,
    private readonly isAtMostOnce: boolean,
  ) {
    this.task = definition({ ...overrides, kind: 'dynamic', schedule: null, leaseMs });
    this.histories = names.map((name) => new InstanceHistory(name, leaseMs, isAtMostOnce));
    this.processes = [this.process(), this.process()];
  }

  async begin(): Promise<void> {
    for (const { scheduler } of this.processes) await scheduler.start();
    await this.clock.advance(0);
  }

  async step(step: Step): Promise<void> {
    for (const index of [0, 1] as const) if (this.processes[index].isDead) await this.replace(index, 'crash');
    await this.apply(step);
    await this.clock.advance(0);
    if (this.failure !== null) throw this.failure;
  }

  /**
   * From now on everything succeeds at once. What was begun before may still use up its attempts and be parked for it; when that is
   * over everything is resumed, and what is owed has forty seconds to run.
   */
  async calmDown(): Promise<void> {
    this.isCalm = true;
    for (const process of this.processes) process.diesAtClaim = false;
    await this.resumeAll();
    await this.step({ kind: 'advance', ms: 20_000 });
    await this.resumeAll();
    const calmSince = this.clock.now();
    await this.step({ kind: 'advance', ms: 40_000 });
    for (const history of this.histories) await this.checkOwed(history, calmSince);
  }

  close(): void {
    for (const process of [...this.processes, ...this.retired]) process.kill();
  }

  private async resumeAll(): Promise<void> {
    await this.step({ kind: 'resume', name: null, from: 'schedule' });
    for (const { name } of this.histories) await this.step({ kind: 'resume', name, from: 'schedule' });
  }

  private async apply(step: Step): Promise<void> {
    const { scheduler } = this.processes[this.starts % 2 === 0 ? 0 : 1];
    const { task } = this;
    switch (step.kind) {
      case 'schedule':
        return this.schedule(step.name, step.asked, step.force);
      case 'unschedule':
        this.historyOf(step.name).unschedule();
        return void (await scheduler.unschedule(task, step.name));
      case 'trigger': {
        const number = ++this.triggers;
        if (await scheduler.trigger(task, step.name, { trigger: number }))
          this.historyOf(step.name).triggered(number, this.clock.now());
        return;
      }
      case 'pause':
        this.historyOf(step.name).isPaused = await scheduler.pause(task, step.name);
        return;
      case 'pauseAll':
        this.isTemplatePaused = true;
        return void (await scheduler.pause(task, null));
      case 'resume':
        return this.resume(step.name, step.from);
      case 'advance':
        return this.clock.advance(step.ms);
      case 'jump':
        return this.clock.jump(step.ms);
      case 'diesAtClaim':
        // At most once, what such a process had claimed is lost: the walk could not tell that from a fault.
        this.processes[step.process].diesAtClaim = !this.isAtMostOnce;
        return;
      case 'crash':
      case 'stop':
        return this.replace(step.process, step.kind);
    }
  }

  private async schedule(name: string, asked: Asked, force: boolean): Promise<void> {
    const { scheduler } = this.processes[0];
    const history = this.historyOf(name);
    // Each once-off has a moment of its own, so that it is a changed schedule whenever it is asked for.
    const wanted = asked.kind === 'once' ? { ...asked, ms: asked.ms + ++this.onces } : asked;
    const before = await scheduler.get(this.task, name);
    history.schedule(wanted, force, before?.scheduledAt !== null && before !== null, this.clock.now());
    const options = { ...optionsOf(wanted), ...(force ? { force } : {}) };
    await scheduler.schedule(this.task, [{ instanceName: name, options }]);
  }

  private async resume(name: string | null, from: 'schedule' | 'now'): Promise<void> {
    const { scheduler } = this.processes[1];
    if (from === 'now')
      for (const history of this.histories)
        if (name === null || name === history.name) history.resumeFromNow(this.clock.now());
    if (name === null) this.isTemplatePaused = false;
    else this.historyOf(name).isPaused = false;
    await scheduler.resume(this.task, name, from);
  }

  private async replace(index: 0 | 1, how: 'crash' | 'stop'): Promise<void> {
    const old = this.processes[index];
    if (how === 'crash') old.kill();
    else void old.scheduler.stop();
    this.retired.push(old);
    this.processes[index] = this.process();
    await this.processes[index].scheduler.start();
  }

  private process(): MortalProcess {
    const process = new MortalProcess(this.clock, this.store, this.task, async (execution, at) => {
      try {
        await this.run(execution, at);
      } catch (error) {
        if (!(error instanceof OnPurpose)) this.failure ??= error;
        throw error;
      }
    });
    return process;
  }

  private async run(execution: Execution, process: MortalProcess): Promise<void> {
    const { scheduledAt, attempt, executionId, args } = execution;
    const run = this.runs[this.starts++ % this.runs.length] ?? { takesMs: 0, fails: false };
    const { takesMs, fails } = this.isCalm ? { takesMs: 0, fails: false } : run;
    const trigger = typeof args['trigger'] === 'number' ? args['trigger'] : null;
    const history = this.historyOf(execution.instanceName ?? '');
    const seen = { at: this.clock.now(), scheduledAt, attempt, executionId, trigger };
    const running = history.start(seen, this.isTemplatePaused);
    const unsubscribe = process.scheduler.events.subscribe((event) => {
      if (event.type === 'lease:extended' && event.executionId === executionId && event.attempt === attempt)
        running.leaseEnd = Math.max(running.leaseEnd, event.until);
    });
    await process.sleep(takesMs);
    unsubscribe();
    history.end(running, !fails, this.clock.now());
    if (fails) throw new OnPurpose();
  }

  private async checkOwed(history: InstanceHistory, calmSince: number): Promise<void> {
    const { asked, name, lastTrigger } = history;
    const row = await this.processes[0].scheduler.get(this.task, name);
    assert.equal(row !== null, asked !== null && asked.kind !== 'once', `${name} is there as it should be`);
    if (lastTrigger !== null)
      assert.ok(history.hasStarted(`trigger ${lastTrigger.number}`), `${name}: a trigger was lost`);
    if (asked === null) return;
    const ran = [...history.succeeded]
      .filter((key) => key.startsWith('occurrence'))
      .map((key) => Number(key.slice(11)));
    if (asked.kind !== 'once')
      assert.ok(
        ran.some((at) => at > calmSince + 20_000),
        `${name} has come to a stop`,
      );
    else if (!this.isAtMostOnce) assert.ok(ran.includes(history.onceAt), `${name}: a once-off was lost`);
  }

  private historyOf(name: string): InstanceHistory {
    const history = this.histories.find((candidate) => candidate.name === name);
    assert.ok(history);
    return history;
  }
}

class OnPurpose extends Error {}
