// A Nest application with one template, as its users have it.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';

/**
 * @param options of the module
 * @param task options of the template, what it runs, and decorators of its own
 */
export async function application(options = {}, { taskOptions = {}, run = () => undefined, decorate } = {}) {
  class Tasks {
    async run(context) {
      return run(context);
    }
  }
  const { prototype } = Tasks;
  const method = Object.getOwnPropertyDescriptor(prototype, 'run');
  DynamicTask(taskOptions)(prototype, 'run', method);
  decorate?.(prototype, 'run', method);
  class AppModule {}
  Module({ imports: [PyncetteModule.forRoot({ autoStart: false, ...options })], providers: [Tasks] })(
    AppModule,
  );
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'fatal'] });
  return { app, pyncette: app.get(PyncetteService) };
}

/** What `scheduleTasks` takes for so many instances. */
export const instances = (count, when, { prefix = 'i', from = 0 } = {}) =>
  Array.from({ length: count }, (_, index) => ({ instanceName: `${prefix}${from + index}`, ...when }));
