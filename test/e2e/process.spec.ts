import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('./process.mjs', import.meta.url));

/** One child process and what it says. */
class Child {
  output = '';
  readonly ended: Promise<[number | null, NodeJS.Signals | null]>;
  private readonly process: ChildProcess;

  constructor(scenario: string, build: string) {
    this.process = spawn(process.execPath, [script, scenario], {
      env: { ...process.env, PYNCETTE_BUILD: pathToFileURL(join(build, 'index.js')).href, NO_COLOR: '1' },
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

describe('A process of its own', () => {
  let build = '';
  beforeAll(() => {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    build = mkdtempSync(join(cache, 'pyncette-'));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', build]);
  }, 60_000);
  afterAll(() => rmSync(build, { recursive: true, force: true }));

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'PyncetteFactory.run: %s drains and ends with code 0',
    async (signal) => {
      const child = new Child('standalone', build);
      await child.says('work begins');
      child.signal(signal);
      await sleep(100);
      child.signal(signal);
      expect(await child.ended).toEqual([0, null]);
      expect(child.output).toMatch(/work begins\n(.*\n)*work ends\n(.*\n)*destroyed\n/);
      expect(child.output).toContain(`${signal}: waiting for what is executing`);
    },
  );

  it('PyncetteFactory.run: a second signal ends it at once, with another code', async () => {
    const child = new Child('standalone', build);
    await child.says('work begins');
    child.signal('SIGTERM');
    await sleep(700);
    child.signal('SIGINT');
    expect(await child.ended).toEqual([1, null]);
    expect(child.output).not.toContain('work ends');
  });

  it('PyncetteFactory.run: a start that fails is logged and ends with code 1', async () => {
    const child = new Child('broken', build);
    expect(await child.ended).toEqual([1, null]);
    expect(child.output).toMatch(/could not start/);
    expect(child.output).toMatch(/interval: 0 is not a positive, finite duration/);
  });

  it('with HTTP ends by itself when it is closed: no open handle, no forced exit (S5)', async () => {
    const child = new Child('http', build);
    expect(await child.ended).toEqual([0, null]);
    expect(child.output).toMatch(
      /answers 404\n(.*\n)*work begins\n(.*\n)*work ends\n(.*\n)*destroyed\n(.*\n)*closed\n/,
    );
  });

  it('with enableShutdownHooks() drains on SIGTERM', async () => {
    const child = new Child('hooked', build);
    await child.says('work begins');
    child.signal('SIGTERM');
    const [code, signal] = await child.ended;
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(child.output).toMatch(/work ends\n(.*\n)*destroyed\n/);
    expect(child.output).not.toContain('enableShutdownHooks');
  });

  it('without them is told so at the first tick', async () => {
    const child = new Child('unhooked', build);
    await child.ended;
    expect(child.output).toMatch(/WARN.*enableShutdownHooks/);
  });
});
