// What a process is made to suffer: a clock that is wrong (CHAOS_SKEW_MS), or death before its nth statement from a claim on (CHAOS_CRASH_AT).
import { createRequire } from 'node:module';

const skewMs = Number(process.env.CHAOS_SKEW_MS ?? 0);
const crashAt = Number(process.env.CHAOS_CRASH_AT ?? 0);

if (skewMs !== 0) {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [RealDate.now() + skewMs] : given));
    }

    static now() {
      return RealDate.now() + skewMs;
    }
  };
}

if (crashAt !== 0) {
  const require = createRequire(import.meta.url);
  let count = 0;
  const count1 = (sql) => {
    const begins = /SKIP LOCKED|BEGIN IMMEDIATE|^evalsha /.test(sql);
    if (count > 0 || begins) count++;
    if (count >= crashAt) process.kill(process.pid, 'SIGKILL');
  };
  const { type } = JSON.parse(process.env.CHAOS_DATABASE);
  if (process.env.CHAOS_REDIS !== undefined) {
    const { prototype } = require('ioredis').Redis;
    const { sendCommand } = prototype;
    prototype.sendCommand = function (command, ...rest) {
      count1(`${command.name} ${command.args[0]}`);
      return sendCommand.call(this, command, ...rest);
    };
  } else if (type === 'better-sqlite3') {
    const Database = require('better-sqlite3');
    const { prepare } = Database.prototype;
    Database.prototype.prepare = function (sql) {
      const statement = prepare.call(this, sql);
      for (const name of ['run', 'all']) {
        const original = statement[name];
        statement[name] = (...given) => (count1(sql), original.apply(statement, given));
      }
      return statement;
    };
  } else {
    const folder = type === 'postgres' ? 'postgres/PostgresQueryRunner' : 'mysql/MysqlQueryRunner';
    const { prototype } = Object.values(require(`typeorm/driver/${folder}.js`))[0];
    const { query } = prototype;
    prototype.query = function (sql, ...rest) {
      count1(sql);
      return query.call(this, sql, ...rest);
    };
  }
}
