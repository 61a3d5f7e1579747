import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DataSourceOptions } from 'typeorm';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

/** Processes of one application on one database, to be killed and started anew. */
export class Fleet {
  /** What they complained of. */
  readonly complaints: string[] = [];
  private readonly workers = new Set<ChildProcess>();
  /** A process that has not come up yet is not ready to drain either. */
  private readonly ready = new WeakMap<ChildProcess, Promise<void>>();

  constructor(
    private readonly database: DataSourceOptions,
    private readonly env: Record<string, string> = {},
  ) {}

  start(count = 1): void {
    for (let index = 0; index < count; index++) this.startOne();
  }

  /** SIGKILL: no process gets to say goodbye. */
  async killOne(): Promise<void> {
    const workers = [...this.workers];
    const victim = workers[Math.floor(Math.random() * workers.length)];
    if (victim === undefined) return;
    this.workers.delete(victim);
    const ended = once(victim, 'exit');
    victim.kill('SIGKILL');
    await ended;
  }

  signalOne(signal: NodeJS.Signals): ChildProcess | undefined {
    const [worker] = this.workers;
    worker?.kill(signal);
    return worker;
  }

  /** Drains all that are left; answers their exit codes. */
  async stop(): Promise<readonly (number | null)[]> {
    const workers = [...this.workers];
    this.workers.clear();
    await Promise.all(workers.map((worker) => this.ready.get(worker)));
    return Promise.all(
      workers.map(async (worker) => {
        if (worker.exitCode !== null) return worker.exitCode;
        const ended = once(worker, 'exit');
        worker.kill('SIGTERM');
        await ended;
        return worker.exitCode;
      }),
    );
  }

  private startOne(): void {
    const env = { ...process.env, CHAOS_DATABASE: JSON.stringify(this.database), ...this.env };
    const worker = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const isReady = new Promise<void>((resolve) => {
      worker.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('ready\n')) resolve();
        else this.complaints.push(chunk.toString());
      });
      worker.once('exit', () => resolve());
    });
    worker.stderr.on('data', (chunk: Buffer) => void this.complaints.push(chunk.toString()));
    this.ready.set(worker, isReady);
    this.workers.add(worker);
  }
}
