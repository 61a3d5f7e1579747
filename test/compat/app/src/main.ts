import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { adapter } from './adapter.js';
import { AppModule } from './app.module.js';
import { HelloTasks } from './hello.tasks.js';
import { ReportTasks } from './report.tasks.js';

/** Starts, answers a request, executes a static and a dynamic task, closes. The process ends by itself. */
async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, adapter(), { logger: ['warn', 'error', 'fatal'] });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const answer = await fetch(await app.getUrl());
  const deadline = Date.now() + 10_000;
  const reports = app.get(ReportTasks);
  const { greeted } = app.get(HelloTasks);
  while (reports.runs < 2 || greeted.length === 0) {
    if (Date.now() > deadline) throw new Error(`only ${reports.runs} reports and '${greeted.join()}'`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await app.close();
  console.log(`answered ${answer.status}, greeted ${greeted.join()}, reported`);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
