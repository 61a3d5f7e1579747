// This project as an application has it: a Nest application, the public entries, a handler that only counts.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, ExecutionMode, PyncetteModule, PyncetteService } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';

const HOUR_MS = 3_600_000;
const TASK_OPTIONS = { 'at most once': { executionMode: ExecutionMode.AT_MOST_ONCE } };

async function application(database, taskOptions, options, handler) {
  class Tasks {
    run(context) {
      return handler(context.task.instanceName);
    }
  }
  DynamicTask(taskOptions)(Tasks.prototype, 'run', Object.getOwnPropertyDescriptor(Tasks.prototype, 'run'));
  class AppModule {}
  const repository = typeOrmRepository(database);
  Module({
    imports: [PyncetteModule.forRoot({ autoStart: false, repository, ...options })],
    providers: [Tasks],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  return { app, pyncette: app.get(PyncetteService) };
}

/** What a recurring instance is due for was an interval ago: it is scheduled by a clock that lies behind as much. */
const behind = (ms) => ({
  now: () => Date.now() - ms,
  sleep: (duration) => new Promise((resolve) => setTimeout(resolve, duration)),
});

export async function open({ database, settings, kind }) {
  let handle = () => undefined;
  const { app, pyncette } = await application(
    database,
    TASK_OPTIONS[kind],
    settings,
    async (name) => void handle(name),
  );
  const isRecurring = kind !== 'once-off';

  return {
    pyncette,
    async fill(count, { dueInMs, from = 0 }) {
      const clock = behind(HOUR_MS - dueInMs);
      const when = isRecurring ? { interval: HOUR_MS } : { executeIn: HOUR_MS };
      const filling = await application(
        database,
        TASK_OPTIONS[kind],
        { ...settings, clock },
        () => undefined,
      );
      for (let done = 0; done < count; done += 20_000) {
        const some = Math.min(20_000, count - done);
        const instances = Array.from({ length: some }, (_, index) => ({
          instanceName: `i${from + done + index}`,
          ...when,
        }));
        await filling.pyncette.scheduleTasks('run', instances);
      }
      await filling.app.close();
    },
    async start(handler) {
      handle = handler;
      await pyncette.start();
    },
    stop: () => pyncette.stop(),
    async left() {
      const counts = { due: 0, leased: 0, rows: 0 };
      const now = Date.now();
      for await (const { scheduledAt, lockedUntil } of pyncette.iterateTasks('run')) {
        counts.rows++;
        if (lockedUntil !== null) counts.leased++;
        if (scheduledAt !== null && scheduledAt.toMillis() <= now) counts.due++;
      }
      return counts;
    },
    close: () => app.close(),
  };
}
