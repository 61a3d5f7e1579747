import { Inject, Injectable } from '@nestjs/common';
import { hostname } from 'node:os';
import { stopwatch } from '../../core/clock.js';
import { InvalidScheduleException, TaskNotFoundException } from '../../core/errors.js';
import type { RowState } from '../../core/row-state.js';
import { PyncetteService } from '../../nest/pyncette.service.js';
import type { TaskDescription, TaskState } from '../../nest/interfaces/task-state.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_SETTINGS } from './dashboard.constants.js';
import { DashboardTime } from './live/dashboard-time.js';
import { redactedText } from './redaction.js';
import { SharedAnswers } from './shared-answers.js';
import { lanesOf } from './timeline.js';
import { historyEntry, instanceView, momentView, taskView } from './views.js';
import type {
  Count,
  HistoryPage,
  InstanceDetail,
  InstancePage,
  Overview,
  TaskView,
  Timeline,
} from './wire.js';

/** How long an answer that is the same for all pages is kept, and one that the store has to count for. */
const KEPT_MS = 1_000;
const COUNT_KEPT_MS = 5_000;
const DUE = 300;
const DUE_TOLD = 60;
const PAGE = 50;
const LARGEST_PAGE = 200;
const LONGEST_WINDOW_MS = 7 * 86_400_000;
const STATES: readonly RowState[] = ['scheduled', 'running', 'paused', 'parked'];

/** What the page asks. */
@Injectable()
export class DashboardQueries {
  private readonly shared = new SharedAnswers(KEPT_MS, stopwatch);
  private readonly parkedBefore = new Map<string, number>();
  private readonly counts = new SharedAnswers(COUNT_KEPT_MS, stopwatch);

  constructor(
    @Inject(PyncetteService) private readonly pyncette: PyncetteService,
    @Inject(DashboardTime) private readonly time: DashboardTime,
    @Inject(DASHBOARD_SETTINGS) private readonly settings: DashboardSettings,
  ) {}

  /** Something was changed: what was answered before is not true any more. */
  forget(): void {
    this.parkedBefore.clear();
    this.shared.clear();
    this.counts.clear();
  }

  overview(): Promise<Overview> {
    return this.shared.get('overview', async () => ({
      now: this.time.now(),
      process: `${hostname()}:${process.pid}`,
      readOnly: this.settings.readOnly,
      tasks: await Promise.all(this.pyncette.tasks.map((task) => this.taskView(task))),
    }));
  }

  timeline(query: URLSearchParams): Promise<Timeline> {
    const windowMs = numberOf(query, 'window', 600_000, LONGEST_WINDOW_MS);
    return this.shared.get(`timeline ${windowMs}`, async () => {
      const due = await this.pyncette.listUpcoming({ limit: DUE });
      const now = this.time.now();
      const until = now + windowMs;
      const last = due.length < DUE ? null : (due.at(-1)?.scheduledAt?.toMillis() ?? null);
      return {
        now,
        until,
        due: due.slice(0, DUE_TOLD).map(instanceView),
        lanes: lanesOf([...(await this.running()), ...due], this.pyncette.tasks, { now, until }),
        knownUntil: last !== null && last < until ? last : null,
      };
    });
  }

  async instances(query: URLSearchParams): Promise<InstancePage> {
    const { tasks, continuationToken } = await this.pyncette.listTasks(taskOf(query), {
      limit: numberOf(query, 'limit', PAGE, LARGEST_PAGE),
      continuationToken: query.get('after'),
      ...filterOf(query),
    });
    return { instances: tasks.map(instanceView), next: continuationToken };
  }

  /** Counting may take a while where there are millions: not with the page, and not for each page. */
  count(query: URLSearchParams): Promise<Count> {
    const task = taskOf(query);
    const filter = filterOf(query);
    return this.counts.get(JSON.stringify(['count', task, filter]), async () => ({
      count: await this.pyncette.countTasks(task, filter),
    }));
  }

  async instance(query: URLSearchParams): Promise<InstanceDetail> {
    const [task, instance] = [taskOf(query), query.get('instance') ?? undefined];
    const state = await this.pyncette.getTask(task, instance);
    if (state === null)
      throw new TaskNotFoundException(`'${task}' has no instance '${instance ?? ''}': it may have finished`);
    const next = await this.pyncette.nextRuns(task, instance, { limit: 10 });
    return {
      ...instanceView(state),
      args: redactedText(state.args, state.task, this.settings.redact),
      next: next.map(momentView),
    };
  }

  /** Empty where the application keeps no history. */
  async history(query: URLSearchParams): Promise<HistoryPage & { readonly isKept: boolean }> {
    const task = taskOf(query);
    if (!this.pyncette.keepsHistory) return { isKept: false, entries: [], next: null };
    const { executions, continuationToken } = await this.pyncette.listExecutions(
      task,
      query.get('instance'),
      {
        limit: numberOf(query, 'limit', 20, LARGEST_PAGE),
        continuationToken: query.get('after'),
      },
    );
    return { isKept: true, entries: executions.map(historyEntry), next: continuationToken };
  }

  /** Static tasks that are executing: what they do after that is due too. */
  private async running(): Promise<TaskState[]> {
    const tasks = this.pyncette.tasks.filter(({ kind }) => kind === 'static');
    const states = await Promise.all(tasks.map(({ name }) => this.pyncette.getTask(name)));
    return states.filter((state) => state !== null).filter(({ state }) => state === 'running');
  }

  /** The overview does not wait for a count of millions, but for the first. */
  private async parked(task: string): Promise<number> {
    const asked = this.counts
      .get(`parked ${task}`, () => this.pyncette.countTasks(task, { state: 'parked' }))
      .then((count) => {
        this.parkedBefore.set(task, count);
        return count;
      });
    const before = this.parkedBefore.get(task);
    if (before === undefined) return asked;
    asked.catch(() => undefined);
    return before;
  }

  private async taskView(task: TaskDescription): Promise<TaskView> {
    const isStatic = task.kind === 'static';
    const state = isStatic ? await this.pyncette.getTask(task.name) : null;
    return taskView(task, {
      instance: state && instanceView(state),
      isPaused: isStatic ? state?.state === 'paused' : await this.pyncette.isPaused(task.name),
      parked: isStatic ? Number(state?.state === 'parked') : await this.parked(task.name),
    });
  }
}

function taskOf(query: URLSearchParams): string {
  const task = query.get('task');
  if (task === null || task === '') throw new InvalidScheduleException('Which task? Give its name');
  return task;
}

function filterOf(query: URLSearchParams): { state?: RowState; namePrefix?: string } {
  const state = STATES.find((word) => word === query.get('state'));
  const namePrefix = query.get('prefix') ?? '';
  return { ...(state && { state }), ...(namePrefix !== '' && { namePrefix }) };
}

function numberOf(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const value = Number(query.get(name) ?? fallback);
  return Number.isSafeInteger(value) && value >= 1 ? Math.min(value, most) : fallback;
}
