// A prefix in Redis for each measurement.
import { Redis } from 'ioredis';

const { REDIS_URL = 'redis://127.0.0.1:6379' } = process.env;

async function connected(work) {
  const client = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

export const redis = {
  isThere: () =>
    connected((client) => client.ping()).then(
      () => true,
      () => false,
    ),
  about: () =>
    connected(async (client) => {
      const [, version] = /redis_version:(\S+)/.exec(await client.info('server'));
      const [, appendonly] = await client.config('GET', 'appendonly');
      return { version, appendonly };
    }),
  at: (prefix) => ({ url: REDIS_URL, prefix }),
  create: async () => undefined,
  /** Nothing is copied from: who needs many rows fills them. */
  hasCopies: false,
  drop: (prefix) =>
    connected(async (client) => {
      // Beginning with the prefix, or with a hash tag that does.
      for await (const keys of client.scanStream({ match: `*${prefix}[:}]*`, count: 1_000 }))
        if (keys.length > 0) await client.unlink(...keys);
    }),
  settle: async () => undefined,
};
