import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { ShutdownException } from '../core/errors.js';
import type { SchedulerSettings } from '../core/scheduler-options.js';
import type { TaskDefinition } from '../core/task.js';
import type { TaskRepository } from '../core/task-repository.js';
import { Batcher } from './batcher.js';
import { BulkClient } from './bulk-client.js';
import { HistoryKeeper } from './history-keeper.js';
import { HistoryReader } from './history-reader.js';
import { Client } from './client.js';
import type { EngineContext } from './engine-context.js';
import type { RunnableTask } from './execution.js';
import { Observation } from './execution-observer.js';
import { Executor } from './executor.js';
import { FailureDecisions } from './failure-decision.js';
import { QueueKeeper } from './queue-keeper.js';
import { Opening } from './opening.js';
import { RepositoryWatch } from './repository-watch.js';
import { SchedulerEvents } from './scheduler-events.js';
import { Scheduling } from './scheduling.js';
import { Settler } from './settler.js';
import { StoreCalls } from './store-calls.js';
import { TaskRegistry } from './task-registry.js';
import { TickLoop } from './tick-loop.js';

/** How long those that were told to stop may take to do so. */
const GRACE_MS = 1_000;

/** The scheduler of one application: its tasks, its loop, and what the application asks of it. */
export class Scheduler {
  readonly events = new SchedulerEvents();
  /** Who looks on: tracing. */
  readonly observation = new Observation();
  /** What is asked about many instances at once. */
  readonly bulk: BulkClient;
  /** What is asked about executions that have ended. */
  readonly history: HistoryReader;
  /** Awaited before each poll: brings the tasks of modules that were loaded meanwhile. */
  beforePoll: (() => Promise<void>) | null = null;
  private readonly registry: TaskRegistry;
  private readonly engine: EngineContext;
  private readonly executor: Executor;
  private readonly loop: TickLoop;
  private readonly queues: QueueKeeper;
  private readonly client: Client;
  private readonly scheduling: Scheduling;
  private readonly opening: Opening;

  constructor(
    readonly settings: SchedulerSettings,
    readonly repository: TaskRepository,
    /** What the application provides under a token; for repositories that work on something of the application's. */
    resolve: (token: unknown) => unknown = () => undefined,
  ) {
    this.registry = new TaskRegistry(repository);
    const watch = new RepositoryWatch(repository, this.events);
    const onDue = (at: number): void => this.loop.expect(at);
    const owner = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`;
    this.engine = {
      settings,
      watch,
      events: this.events,
      observation: this.observation,
      failures: new FailureDecisions(this.events),
      settler: new Settler(watch, settings.clock, onDue),
      renewals: new Batcher((requests) => watch.call('renew', (store) => store.renew(requests))),
      history: new HistoryKeeper(settings, watch, this.events),
      owner,
    };
    this.executor = new Executor(this.engine, this.registry, () => this.loop.onFree());
    this.loop = new TickLoop(this.engine, this.registry, this.executor, () => this.prepare());
    this.queues = new QueueKeeper(settings, watch, () => this.tasks, this.events);
    this.opening = new Opening(this.engine, this.registry, this.queues, { resolve, onDueElsewhere: onDue });
    const onAsked = (at: number): void => {
      onDue(at);
      if (at - repository.now() < settings.pollIntervalMs) repository.announceDue?.(at);
    };
    const calls = new StoreCalls(this.engine);
    this.client = new Client(this.engine, calls, onAsked);
    this.scheduling = new Scheduling(this.engine, calls, onAsked);
    this.bulk = new BulkClient(this.engine, () => this.ready(), onAsked);
    this.history = new HistoryReader(this.engine, () => this.ready());
  }

  /** Makes a task known, before or after the start. */
  add(task: RunnableTask): void {
    this.registry.add(task);
    this.opening.add(task.definition);
    this.loop.wake();
  }

  get tasks(): readonly TaskDefinition[] {
    return this.registry.all.map(({ definition }) => definition);
  }

  /** Opens the repository and registers what is new. After a failure the next call tries again. */
  ready(): Promise<void> {
    return this.opening.ready();
  }

  /** Polling begins. A repository that is down is asked again until it answers. */
  async start(): Promise<void> {
    this.executor.open();
    this.loop.start();
  }

  /** Polling ends; resolves when what was in flight has finished. */
  async stop(): Promise<void> {
    this.executor.stop();
    await this.loop.stop();
    await this.executor.drain();
    await this.engine.history.flush();
    await this.queues.flush();
  }

  /** The same, but waits no longer than `shutdownTimeout`, and then one second for those whose signals it aborts. */
  async shutdown(): Promise<void> {
    const stopped = this.stop();
    const { shutdownTimeoutMs } = this.settings;
    if (shutdownTimeoutMs === null || (await this.isOver(stopped, shutdownTimeoutMs))) return stopped;
    this.executor.abort(
      new ShutdownException('The application shuts down, and its shutdownTimeout has passed'),
    );
    if (await this.isOver(stopped, GRACE_MS)) return stopped;
    const labels = this.executor.abandon();
    this.events.notice(
      'warn',
      `Still executing after the shutdown: ${labels.join(', ')}. Their leases are left to expire`,
    );
  }

  /** Polls once; resolves when what was claimed has been started. */
  async tick(): Promise<void> {
    this.executor.open();
    await this.loop.tick();
  }

  /** The application needs the repository no more. */
  close(): Promise<void> {
    return this.opening.close();
  }

  get lastTick(): number | null {
    return this.loop.lastTick;
  }

  get inFlight(): number {
    return this.executor.inFlight;
  }

  /** Of each task, those without any included. */
  get inFlightByTask(): ReadonlyMap<string, number> {
    return new Map(this.registry.all.map(({ definition, inFlight }) => [definition.name, inFlight]));
  }

  /** Whether a poll has succeeded within the last two poll intervals. */
  get isHealthy(): boolean {
    return this.loop.isHealthy;
  }

  get nowMs(): number {
    return this.repository.now();
  }

  setEnabled(task: string, isEnabled: boolean): void {
    const registered = this.registry.find(task);
    if (registered === undefined) return;
    registered.isEnabled = isEnabled;
    if (isEnabled) this.loop.wake();
  }

  isEnabled(task: string): boolean {
    return this.registry.find(task)?.isEnabled ?? false;
  }

  /** Many calls of it are in flight at once: each that finds everything ready costs one promise less. */
  schedule(...request: Parameters<Scheduling['schedule']>): Promise<void> {
    return this.opening.isDone
      ? this.scheduling.schedule(...request)
      : this.ready().then(() => this.scheduling.schedule(...request));
  }

  async unschedule(...request: Parameters<Client['unschedule']>): Promise<boolean> {
    await this.ready();
    return this.client.unschedule(...request);
  }

  async get(...request: Parameters<Client['get']>): ReturnType<Client['get']> {
    await this.ready();
    return this.client.get(...request);
  }

  async list(...request: Parameters<Client['list']>): ReturnType<Client['list']> {
    await this.ready();
    return this.client.list(...request);
  }

  async isTemplatePaused(...request: Parameters<Client['isTemplatePaused']>): Promise<boolean> {
    await this.ready();
    return this.client.isTemplatePaused(...request);
  }

  async pause(...request: Parameters<Client['pause']>): Promise<boolean> {
    await this.ready();
    return this.client.pause(...request);
  }

  async resume(...request: Parameters<Client['resume']>): Promise<boolean> {
    await this.ready();
    return this.client.resume(...request);
  }

  async trigger(...request: Parameters<Client['trigger']>): Promise<boolean> {
    await this.ready();
    return this.client.trigger(...request);
  }

  private async prepare(): Promise<void> {
    await this.beforePoll?.();
    await this.ready();
  }

  private async isOver(done: Promise<void>, withinMs: number): Promise<boolean> {
    const timer = new AbortController();
    const sleep = this.settings.clock.sleep(withinMs, timer.signal).then(
      () => false,
      () => true,
    );
    try {
      return await Promise.race([done.then(() => true), sleep]);
    } finally {
      timer.abort();
    }
  }
}
