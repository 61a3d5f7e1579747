// A process of its own: what it does is named by its first argument.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const { PyncetteFactory, PyncetteModule, Task } = await import(process.env['PYNCETTE_BUILD']);

const say = (line) => process.stdout.write(`${line}\n`);

class Tasks {
  async work() {
    say('work begins');
    await sleep(1_500);
    say('work ends');
  }

  onModuleDestroy() {
    say('destroyed');
  }
}
const [, , scenario] = process.argv;
const interval = scenario === 'broken' ? 0 : '300ms';
Task({ interval, concurrencyLimit: 1 })(
  Tasks.prototype,
  'work',
  Object.getOwnPropertyDescriptor(Tasks.prototype, 'work'),
);

class AppModule {}
Module({ imports: [PyncetteModule.forRoot()], providers: [Tasks] })(AppModule);

const scenarios = {
  standalone: () => PyncetteFactory.run(AppModule),
  broken: () => PyncetteFactory.run(AppModule),
  /** Closes by itself: nothing may keep the process. */
  async http() {
    const app = await NestFactory.create(AppModule);
    await app.listen(0, '127.0.0.1');
    say(`answers ${(await fetch(await app.getUrl())).status}`);
    await sleep(400);
    await app.close();
    say('closed');
  },
  /** Nobody listens for SIGTERM. */
  async unhooked() {
    const app = await NestFactory.createApplicationContext(AppModule);
    await sleep(200);
    await app.close();
  },
  /** As Nest's documentation says. */
  async hooked() {
    const app = await NestFactory.create(AppModule);
    app.enableShutdownHooks();
    await app.listen(0, '127.0.0.1');
  },
};
await scenarios[scenario]();
