import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import type { DataSourceOptions } from 'typeorm';
import { onTestFinished } from 'vitest';
import type { TestDatabase } from '../databases/databases.js';

/** A way to a database server that a test can block: what is connected loses its connection, and nobody gets a new one. */
export async function wayTo({ options }: TestDatabase): Promise<{
  readonly options: DataSourceOptions;
  block(): Promise<void>;
  open(): Promise<void>;
}> {
  if (options.type !== 'postgres') throw new Error('only PostgreSQL is reached over this way');
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(options.port ?? 5432, options.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const block = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  onTestFinished(block);
  return { options: { ...options, host: '127.0.0.1', port }, block, open: () => listen(port) };
}
