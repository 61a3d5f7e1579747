import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DataSourceOptions } from 'typeorm';
import type { RedisPlace } from './arena.js';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

/** One process of the application. */
export class Worker {
  /** Resolves when it has come up, or has ended. */
  readonly ready: Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  output = '';

  constructor(private readonly child: ChildProcess) {
    this.ended = once(child, 'exit').then(
      ([code, signal]: (number | string | null)[]) => code ?? signal ?? null,
    );
    this.ready = new Promise((resolve) => {
      const listen = (chunk: Buffer): void => {
        this.output += chunk.toString();
        if (this.output.includes('ready\n')) resolve();
      };
      child.stdout?.on('data', listen);
      child.stderr?.on('data', listen);
      void this.ended.then(() => resolve());
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Processes of one application on one database, to be killed and started anew. */
export class Fleet {
  private readonly workers = new Set<Worker>();

  constructor(
    private readonly database: DataSourceOptions,
    private readonly redis?: RedisPlace,
  ) {}

  start(env: Record<string, string> = {}): Worker {
    const child = spawn(process.execPath, [WORKER], {
      env: {
        ...process.env,
        CHAOS_DATABASE: JSON.stringify(this.database),
        ...(this.redis === undefined ? {} : { CHAOS_REDIS: JSON.stringify(this.redis) }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const worker = new Worker(child);
    this.workers.add(worker);
    return worker;
  }

  startMany(count: number, env: Record<string, string> = {}): Worker[] {
    return Array.from({ length: count }, () => this.start(env));
  }

  /** SIGKILL: no process gets to say goodbye. */
  async killOne(): Promise<void> {
    const workers = [...this.workers];
    const victim = workers[Math.floor(Math.random() * workers.length)];
    if (victim === undefined) return;
    this.workers.delete(victim);
    victim.signal('SIGKILL');
    await victim.ended;
  }

  /** Drains all that are left; answers their exit codes. */
  async stop(): Promise<readonly (number | string | null)[]> {
    const workers = [...this.workers];
    this.workers.clear();
    await Promise.all(workers.map(({ ready }) => ready));
    for (const worker of workers) worker.signal('SIGTERM');
    return Promise.all(workers.map(({ ended }) => ended));
  }

  async kill(): Promise<void> {
    for (const worker of this.workers) worker.signal('SIGKILL');
    await Promise.all([...this.workers].map(({ ended }) => ended));
    this.workers.clear();
  }
}
