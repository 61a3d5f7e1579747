import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The commands that may be sent, and since which Redis each of them is there in the form it has here. */
const SINCE: Readonly<Record<string, string>> = {
  eval: '2.6.0',
  evalsha: '2.6.0',
  get: '1.0.0',
  hdel: '2.4.0',
  hget: '2.0.0',
  hexists: '2.0.0',
  hkeys: '2.0.0',
  hlen: '2.0.0',
  hmget: '2.0.0',
  hset: '4.0.0',
  info: '1.0.0',
  publish: '2.0.0',
  sadd: '2.4.0',
  set: '2.6.12',
  smembers: '1.0.0',
  subscribe: '2.0.0',
  time: '2.6.0',
  zadd: '3.0.2',
  zcard: '1.2.0',
  zcount: '2.0.0',
  zlexcount: '2.8.9',
  zmscore: '6.2.0',
  zpopmin: '5.0.0',
  zrange: '1.2.0',
  zrangebylex: '2.8.9',
  zrangebyscore: '2.0.0',
  zrem: '2.4.0',
  zremrangebylex: '2.8.9',
  zremrangebyrank: '2.0.0',
  zrevrangebylex: '2.8.9',
  zrevrangebyscore: '2.2.0',
  zscore: '1.2.0',
};

const SENT = [/redis\.call\('(\w+)'/g, /\.(?:command|call)\(\s*'(\w+)'/g];

const folder = new URL('../../lib/storage/redis/', import.meta.url);

describe('The commands of the repository on Redis', () => {
  it('are those of this list, and none newer than Redis 6.2', () => {
    const source = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const sent = source.flatMap((text) =>
      SENT.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name?.toLowerCase() ?? '')),
    );
    expect([...new Set([...sent, 'subscribe'])].sort()).toEqual(Object.keys(SINCE).sort());
    const number = (version: string): number => Number(version.split('.').slice(0, 2).join('.'));
    expect(Object.entries(SINCE).filter(([, since]) => number(since) > 6.2)).toEqual([]);
  });
});
