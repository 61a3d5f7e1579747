import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The package built as it is now, in a folder of its own: a process of its own runs no TypeScript. */
export class Build {
  readonly folder: string;

  constructor() {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    this.folder = mkdtempSync(join(cache, 'pyncette-'));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const project = join(root, 'tsconfig.build.json');
    execFileSync(process.execPath, [tsc, '-p', project, '--outDir', this.folder]);
  }

  /** Where a process imports an entry from, such as `'index.js'`. */
  url(entry: string): string {
    return pathToFileURL(join(this.folder, entry)).href;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One child process and what it says. */
export class Child {
  output = '';
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  private readonly process: ChildProcess;

  /** Runs a script of this folder; killed when the test ends. */
  constructor(script: string, scenario: string, env: Readonly<Record<string, string>>) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.process = spawn(process.execPath, [path, scenario], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.ended = once(this.process, 'close') as typeof this.ended;
    onTestFinished(() => void this.process.kill('SIGKILL'));
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Waits until it has said so. */
  async says(text: string): Promise<void> {
    await expect.poll(() => this.output, { timeout: 10_000, interval: 10 }).toContain(text);
  }
}
