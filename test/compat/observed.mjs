// The other entries in one application, with the versions of their peers that are installed beside this file.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { Redis } from 'ioredis';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';
import { PyncetteDashboardModule } from 'nestjs-pyncette/dashboard';
import { PyncetteOpenTelemetryModule } from 'nestjs-pyncette/opentelemetry';
import { PyncettePrometheusModule } from 'nestjs-pyncette/prometheus';
import { redisRepository } from 'nestjs-pyncette/redis';
import { PyncetteHealthIndicator } from 'nestjs-pyncette/terminus';
import { repositoryConformance } from 'nestjs-pyncette/testing';

const PEERS = [
  'ioredis',
  'prom-client',
  '@opentelemetry/api',
  '@nestjs/terminus',
  '@nestjs/platform-express',
];
const NAMESPACE = `compat-${process.pid}`;
const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

class Tasks {
  greeted = withResolvers();

  async greet(context) {
    this.greeted.resolve(context.task.canonicalName);
  }
}
DynamicTask()(Tasks.prototype, 'greet', Object.getOwnPropertyDescriptor(Tasks.prototype, 'greet'));

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}

/** One task that runs, seen from everywhere. */
async function application(repository) {
  class AppModule {}
  Module({
    imports: [
      PyncetteModule.forRoot(repository === null ? {} : { repository }),
      PyncettePrometheusModule.forRoot({ path: '/metrics' }),
      PyncetteOpenTelemetryModule.forRoot(),
      PyncetteDashboardModule.forRoot({ guards: [] }),
      TerminusModule,
    ],
    providers: [Tasks, PyncetteHealthIndicator],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address();
  await app.get(PyncetteService).scheduleTask('greet', 'ada', { executeIn: 0 });
  assert.equal(await app.get(Tasks).greeted.promise, 'greet:ada');
  const shown = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  assert.match(await shown('/metrics'), /pyncette_executions_total/);
  assert.match(await shown('/pyncette'), /<!doctype html>/i);
  assert.equal((await app.get(PyncetteHealthIndicator).isHealthy('scheduler')).scheduler.status, 'up');
  await app.close();
}

/** All that was left in Redis under a namespace. */
async function remove(client, namespace) {
  const keys = await client.keys(`*${namespace}*`);
  if (keys.length > 0) await client.del(keys);
}

async function onRedis(client) {
  let number = 0;
  const cases = repositoryConformance(() => {
    const namespace = `${NAMESPACE}-${number++}`;
    return { connect: () => redisRepository({ url, namespace }), destroy: () => remove(client, namespace) };
  });
  for (const { name, run } of cases) {
    await run().catch((error) => {
      throw new Error(`${name} failed`, { cause: error });
    });
  }
  await application(redisRepository({ url, namespace: NAMESPACE }));
  await remove(client, NAMESPACE);
  console.log(`redis: ${cases.length} cases and the application with all entries`);
}

const versionOf = (name) =>
  JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')).version;
console.log(PEERS.map((name) => `${name} ${versionOf(name)}`).join(', '));
await application(null);
console.log('memory: the application with all entries');
const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
client.on('error', () => undefined);
const isThere = await client.ping().then(
  () => true,
  () => false,
);
if (isThere) await onRedis(client);
else if (process.env['PYNCETTE_REQUIRE_ALL']) throw new Error('Redis does not answer');
else console.log('redis: SKIPPED, nothing answers');
client.disconnect();
