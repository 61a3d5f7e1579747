import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import type { PyncetteEvent } from '../../../engine/scheduler-events.js';
import { PyncetteService } from '../../../nest/pyncette.service.js';
import type { Frame, TaskTally } from '../wire.js';
import { DashboardTime } from './dashboard-time.js';
import { type Ended, Executions } from './executions.js';
import { Seconds } from './seconds.js';

interface Tally {
  seq: number;
  succeeded: number;
  failed: number;
  lastAt: number | null;
  lastOutcome: 'succeeded' | 'failed' | null;
}

/**
 * What this process does, counted as it happens. Whatever the rate of executions, it keeps some numbers for each of the last
 * seconds and for each task, and the latest few executions: a reader is told what has changed since it was told last, however
 * long that is ago.
 */
@Injectable()
export class LiveFeed implements OnModuleInit, OnModuleDestroy {
  /** Grows with every event. */
  seq = 0;
  private readonly seconds = new Seconds();
  private readonly executions = new Executions();
  private readonly tallies = new Map<string, Tally>();
  private changes = 0;
  private isStoreFailing = false;
  private subscription: Subscription | null = null;

  constructor(
    @Inject(PyncetteService) private readonly pyncette: PyncetteService,
    @Inject(DashboardTime) private readonly time: DashboardTime,
  ) {}

  onModuleInit(): void {
    this.subscription = this.pyncette.events$.subscribe((event) => this.take(event));
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
  }

  get isSomethingRunning(): boolean {
    return this.pyncette.inFlight > 0;
  }

  /** What happened after `cursor`; everything that is still known when it is null. */
  since(cursor: number | null): Frame {
    const after = cursor ?? 0;
    const { inFlight } = this.pyncette;
    if (inFlight === 0) this.executions.clear();
    return {
      isWhole: cursor === null,
      now: this.time.now(),
      isHealthy: this.pyncette.isHealthy(),
      isStoreFailing: this.isStoreFailing,
      inFlight,
      changes: this.changes,
      seconds: this.seconds.since(after),
      tallies: this.talliesSince(after),
      ended: this.executions.endedSince(after),
      running: this.executions.running(this.time.now()),
    };
  }

  private take(event: PyncetteEvent): void {
    switch (event.type) {
      case 'task:started':
        this.seconds.started(event.at, ++this.seq, event.latenessMs);
        return this.executions.start(event);
      case 'task:succeeded':
      case 'task:failed':
        return this.end(event);
      case 'task:missed':
        return this.seconds.count('missed', event.at, ++this.seq, event.count);
      case 'repository:failed':
      case 'repository:recovered':
        this.isStoreFailing = event.type === 'repository:failed';
        this.seq++;
        return;
      case 'task:parked':
      case 'lease:lost':
      case 'instance:scheduled':
      case 'instance:unscheduled':
      case 'instance:paused':
      case 'instance:resumed':
      case 'instance:triggered':
        this.changes++;
        this.seq++;
    }
  }

  private end(event: Ended): void {
    const outcome = event.type === 'task:succeeded' ? 'succeeded' : 'failed';
    this.seconds.count(outcome, event.at, ++this.seq);
    this.executions.end(event, this.seq);
    const tally = this.tallies.get(event.task) ?? emptyTally();
    tally.seq = this.seq;
    tally[outcome]++;
    tally.lastAt = event.at;
    tally.lastOutcome = outcome;
    this.tallies.set(event.task, tally);
  }

  private talliesSince(cursor: number): TaskTally[] {
    const found: TaskTally[] = [];
    for (const [task, { seq, ...tally }] of this.tallies) if (seq > cursor) found.push({ task, ...tally });
    return found;
  }
}

const emptyTally = (): Tally => ({ seq: 0, succeeded: 0, failed: 0, lastAt: null, lastOutcome: null });
