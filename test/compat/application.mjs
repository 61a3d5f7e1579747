// The conformance suite and one application, on every database that answers, with the versions that are installed beside this file.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import { DynamicTask, PyncetteModule, PyncetteService } from 'nestjs-pyncette';
import { TestClock, repositoryConformance } from 'nestjs-pyncette/testing';
import { CreatePyncetteTables, typeOrmRepository } from 'nestjs-pyncette/typeorm';
import typeorm from 'typeorm';

const { DataSource } = typeorm;
const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres', PGPASSWORD = '' } = process.env;
const SERVERS = {
  postgres: {
    type: 'postgres',
    host: PGHOST,
    port: Number(PGPORT),
    username: PGUSER,
    password: PGPASSWORD,
    database: 'postgres',
  },
  mariadb: { type: 'mariadb', host: process.env['MARIADB_HOST'] ?? '127.0.0.1', username: 'root' },
};
const NAME = `pyncette_compat_${process.pid}`;

const versionOf = (name) =>
  JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')).version;

/** Every case on a table of its own; answers how many there were. */
async function conformance(optionsOf) {
  let number = 0;
  const cases = repositoryConformance(async () => {
    const tableName = `table_${number++}`;
    return { connect: () => typeOrmRepository({ ...optionsOf(tableName), tableName }) };
  });
  for (const { name, run } of cases) {
    await run().catch((error) => {
      throw new Error(`${name} failed`, { cause: error });
    });
  }
  return cases.length;
}

class Tasks {
  async pay(context) {
    await context.manager.query(`INSERT INTO payments (id) VALUES (${context.attempt})`);
    if (context.attempt === 1) throw new Error('declined');
  }
}
DynamicTask({ transactional: true, retry: { maxAttempts: 3, delay: '1s' } })(
  Tasks.prototype,
  'pay',
  Object.getOwnPropertyDescriptor(Tasks.prototype, 'pay'),
);

/** A migration, a schedule in a transaction that commits and one that does not, and a transactional task that fails once. */
async function application(options) {
  const clock = new TestClock();
  class AppModule {}
  Module({
    imports: [
      TypeOrmModule.forRoot({ ...options, migrations: [CreatePyncetteTables], migrationsRun: true }),
      PyncetteModule.forRoot({ clock, repository: typeOrmRepository({ createTables: false }) }),
    ],
    providers: [Tasks],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const dataSource = app.get(getDataSourceToken());
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  assert.deepEqual(upQueries, []);
  await dataSource.query('CREATE TABLE payments (id integer)');
  const pyncette = app.get(PyncetteService);
  await dataSource.transaction((manager) =>
    pyncette.scheduleTask('pay', 'kept', { executeIn: '1s', manager }),
  );
  const failed = dataSource.transaction(async (manager) => {
    await pyncette.scheduleTask('pay', 'undone', { executeIn: '1s', manager });
    throw new Error('undone');
  });
  await assert.rejects(failed);
  await clock.advance('10s');
  assert.deepEqual(
    (await dataSource.query('SELECT id FROM payments')).map(({ id }) => Number(id)),
    [2],
  );
  await app.close();
}

async function onServer(name, options) {
  const admin = await new DataSource(options).initialize();
  await admin.query(`CREATE DATABASE ${NAME}`);
  try {
    const own = { ...options, database: NAME };
    const count = await conformance(() => own);
    await application(own);
    console.log(`${name}: ${count} cases and the application`);
  } finally {
    await admin.query(`DROP DATABASE ${NAME}`);
    await admin.destroy();
  }
}

console.log(
  ['@nestjs/core', '@nestjs/typeorm', 'typeorm', 'rxjs', 'reflect-metadata', 'better-sqlite3']
    .map((name) => `${name} ${versionOf(name)}`)
    .join(', '),
);
const file = (tableName) => ({ type: 'better-sqlite3', database: `${tableName}.db` });
const count = await conformance(file);
await application({ type: 'better-sqlite3', database: ':memory:' });
console.log(`better-sqlite3: ${count} cases and the application`);
for (const [name, options] of Object.entries(SERVERS)) {
  const answers = await new DataSource(options).initialize().then(
    (dataSource) => dataSource.destroy().then(() => true),
    () => false,
  );
  if (answers) await onServer(name, options);
  else if (process.env['PYNCETTE_REQUIRE_ALL']) throw new Error(`${name} does not answer`);
  else console.log(`${name}: SKIPPED, nothing answers`);
}
