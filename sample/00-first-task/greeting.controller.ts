import { BadRequestException, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { InvalidScheduleException, PyncetteService } from 'nestjs-pyncette';
import { GreetingTasks } from './greeting.tasks.js';

/** Schedules and unschedules instances of the template over HTTP. */
@Controller('greetings')
export class GreetingController {
  constructor(private readonly pyncette: PyncetteService) {}

  @Post(':name')
  async schedule(
    @Param('name') name: string,
    @Query('every') every?: string,
    @Query('in') executeIn?: string,
  ): Promise<{ name: string; next: string | null }> {
    const when = executeIn === undefined ? { interval: every ?? '5s' } : { executeIn };
    try {
      await this.pyncette.scheduleTask(GreetingTasks.prototype.greet, name, { ...when, args: { name } });
    } catch (error) {
      if (error instanceof InvalidScheduleException) throw new BadRequestException(error.message);
      throw error;
    }
    const state = await this.pyncette.getTask('greet', name);
    return { name, next: state?.scheduledAt?.toISO() ?? null };
  }

  @Get()
  async list(): Promise<{ name: string | null; next: string | null }[]> {
    const { tasks } = await this.pyncette.listTasks('greet', { limit: 100 });
    return tasks.map(({ instanceName, scheduledAt }) => ({
      name: instanceName,
      next: scheduledAt?.toISO() ?? null,
    }));
  }

  @Delete(':name')
  async unschedule(@Param('name') name: string): Promise<{ existed: boolean }> {
    return { existed: await this.pyncette.unscheduleTask('greet', name) };
  }
}
