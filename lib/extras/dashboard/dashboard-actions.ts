import { Inject, Injectable } from '@nestjs/common';
import { InvalidScheduleException } from '../../core/errors.js';
import { isRecord } from '../../core/read-option.js';
import { PyncetteService } from '../../nest/pyncette.service.js';
import { DashboardQueries } from './dashboard-queries.js';
import type { ActionName, ActionRequest, ActionResult } from './wire.js';

type Act = (request: ActionRequest) => Promise<number>;

/** What the page can change. */
@Injectable()
export class DashboardActions {
  private readonly acts: Readonly<Record<ActionName, Act>> = {
    trigger: async ({ task, instance }) =>
      Number(await this.pyncette.triggerTask(task, instance ?? undefined)),
    pause: async ({ task, instance }) => Number(await this.pyncette.pauseTask(task, instance ?? undefined)),
    resume: async ({ task, instance }) => Number(await this.pyncette.resumeTask(task, instance ?? undefined)),
    retry: async (request) => this.retry(request),
    'retry-parked': async ({ task }) => this.pyncette.resumeTasks(task, { state: 'parked' }),
    unschedule: async ({ task, instance }) => {
      if (instance === null) throw new InvalidScheduleException(`Which instance of '${task}'? Give its name`);
      return Number(await this.pyncette.unscheduleTask(task, instance));
    },
  };

  constructor(
    @Inject(PyncetteService) private readonly pyncette: PyncetteService,
    @Inject(DashboardQueries) private readonly queries: DashboardQueries,
  ) {}

  /**
   * Does it; answers how many instances it has changed.
   *
   * @throws InvalidScheduleException when there is no such action, or it is not said on what
   */
  async act(name: string, body: unknown): Promise<ActionResult> {
    const act = Object.entries(this.acts).find(([known]) => known === name)?.[1];
    if (act === undefined) throw new InvalidScheduleException('There is no such action');
    try {
      return { changed: await act(readRequest(body)) };
    } finally {
      this.queries.forget();
    }
  }

  /** One that is not parked any more is left alone: it may have been resumed on another page. */
  private async retry({ task, instance }: ActionRequest): Promise<number> {
    const state = await this.pyncette.getTask(task, instance ?? undefined);
    return state?.state === 'parked'
      ? Number(await this.pyncette.resumeTask(task, instance ?? undefined))
      : 0;
  }
}

function readRequest(body: unknown): ActionRequest {
  const { task, instance = null } = isRecord(body) ? body : {};
  if (typeof task !== 'string' || (instance !== null && typeof instance !== 'string'))
    throw new InvalidScheduleException('An action needs { "task": string, "instance": string or null }');
  return { task, instance };
}
