import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { freePort } from './free-port.js';
import { REDIS_PROGRAMS } from './redis-programs.js';

/** Whether a Redis of a test's own can be started here; if not, it has been said at the start. */
export const hasRedisServer = (): boolean => inject('redisServer');

/** A Redis of a test's own: its settings, its death and its return are the test's business. */
export class RedisServer {
  private process: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
  ) {}

  /** Starts one on a free port. Nothing is kept on disk unless the settings say so. */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'pyncette-redis-'));
    const server = new RedisServer(await freePort(), folder, settings);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Comes up again with what is on its disk. */
  async restart(): Promise<void> {
    const { port, folder, settings } = this;
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    this.process = spawn(REDIS_PROGRAMS.server, [...fixed, ...settings], { stdio: 'ignore' });
    // One that wants a password is there too.
    await this.command('ping').catch((error: Error) => {
      if (error.name !== 'ReplyError') throw error;
    });
  }

  /** One command, as an administrator sends it; asked again until the server is there. */
  async command(name: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Redis(this.url, {
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
      retryStrategy: () => 20,
    });
    client.on('error', () => undefined);
    try {
      return await client.call(name, [...args]);
    } finally {
      client.disconnect();
    }
  }

  /** SIGKILL: it does not get to write anything down; SIGSTOP: it is there, but answers nobody. */
  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const { process } = this;
    const ended = signal === 'SIGKILL' && process !== null ? once(process, 'exit') : null;
    process?.kill(signal);
    await ended;
  }

  async stop(): Promise<void> {
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.signal('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Three nodes of a Redis Cluster on this machine. */
export class RedisNodes {
  private constructor(readonly servers: readonly RedisServer[]) {}

  static async start(): Promise<RedisNodes> {
    const servers = await Promise.all([1, 2, 3].map(() => RedisServer.start('--cluster-enabled', 'yes')));
    const nodes = new RedisNodes(servers);
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
    const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes'];
    try {
      await promisify(execFile)(REDIS_PROGRAMS.cli, create);
      return nodes;
    } catch (error) {
      await nodes.stop();
      throw error;
    }
  }

  get addresses(): { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  async stop(): Promise<void> {
    for (const server of this.servers) await server.stop();
  }
}
