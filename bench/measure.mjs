// What the benchmarks share.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';

export const isQuick = process.argv.includes('--quick');

/** Says on the error output how far it is; results go to the standard output. */
export const progress = (text) => process.stderr.write(`\r\x1b[2K${text}`);

/** How long `work` takes, in milliseconds. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle one of some rounds. */
export async function median(rounds, measure) {
  const figures = [];
  for (let round = 0; round < rounds; round++) figures.push(await measure(round));
  return figures.sort((a, b) => a - b)[Math.floor(rounds / 2)];
}

/** Bytes in use after everything that can be collected was. */
export function heap() {
  for (let turn = 0; turn < 4; turn++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** A Nest application with one template whose handler only counts. */
export async function application(options = {}, decorate = () => undefined) {
  class Tasks {
    runs = 0;
    onRun = () => undefined;
    async run() {
      this.runs++;
      this.onRun();
    }
  }
  DynamicTask()(Tasks.prototype, 'run', Object.getOwnPropertyDescriptor(Tasks.prototype, 'run'));
  decorate(Tasks.prototype, 'run', Object.getOwnPropertyDescriptor(Tasks.prototype, 'run'));
  class AppModule {}
  Module({ imports: [PyncetteModule.forRoot(options)], providers: [Tasks] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const tasks = app.get(Tasks);
  const ran = (count) =>
    new Promise((resolve) => {
      tasks.onRun = () => tasks.runs >= count && resolve();
      tasks.onRun();
    });
  return { app, pyncette: app.get(PyncetteService), tasks, ran };
}

export const instances = (count, when, prefix = 'user') =>
  Array.from({ length: count }, (_, index) => ({ instanceName: `${prefix}${index}`, ...when }));

/** Prints one figure as a line of JSON for `run.mjs`. */
export const report = (figure) => console.log(JSON.stringify(figure));
