import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { fileURLToPath } from 'node:url';
import type { DataSourceOptions } from 'typeorm';
import { run } from '../../lib/cli/run.js';
import manifest from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a call of the command has said, and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built command, in a folder that looks like the package. */
export class BuiltCommand {
  private constructor(readonly folder: string) {}

  /** Builds the sources as they are. */
  static build(): BuiltCommand {
    const cache = join(root, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'pyncette-cli-'));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
    execFileSync(process.execPath, [
      tsc,
      ...args,
      '--declaration',
      'false',
      '--sourceMap',
      'false',
      '--inlineSources',
      'false',
    ]);
    copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
    return new BuiltCommand(folder);
  }

  /** The same, moved to another folder. */
  in(folder: string): BuiltCommand {
    return new BuiltCommand(folder);
  }

  get main(): string {
    return join(this.folder, manifest.bin['nestjs-pyncette']);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs it in a process of its own, in Madrid, with nothing of this environment that it would read. */
  async run(
    line: readonly string[],
    env: Record<string, string> = {},
    node: readonly string[] = [],
  ): Promise<Said> {
    const child = spawn(process.execPath, [...node, this.main, ...line], {
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'], TZ: 'Europe/Madrid', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return collected(child);
  }

  /** The same on a terminal of its own, on which something is typed. Its two streams are one there. */
  async runOnTerminal(
    line: readonly string[],
    typed: string,
    env: Record<string, string> = {},
  ): Promise<Said> {
    const command = [process.execPath, this.main, ...line].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: {
        PATH: process.env['PATH'],
        TZ: 'Europe/Madrid',
        TERM: 'xterm-256color',
        SHELL: '/bin/sh',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('[y/N]')) child.stdin?.write(`${typed}\n`);
    });
    return collected(child);
  }
}

async function collected(child: ChildProcess): Promise<Said> {
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/**
 * Runs the command within this process, where its modules are loaded already: what it says depends on its streams and its environment
 * only. That it is a process of its own is shown where it is built.
 */
export async function runHere(line: readonly string[], env: Record<string, string>): Promise<Said> {
  const said = { out: '', err: '' };
  const into = (stream: 'out' | 'err') =>
    ({ isTTY: false, write: (text: string) => ((said[stream] += text), true) }) as WriteStream;
  const stdin = { isTTY: false } as ReadStream;
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Europe/Madrid';
  try {
    const code = await run(line, { stdin, stdout: into('out'), stderr: into('err'), env });
    return { code, ...said };
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
}

/** The URL of a database of the tests. */
export function urlOf(options: DataSourceOptions): string {
  if (options.type === 'better-sqlite3') return `sqlite:${String(options.database)}`;
  if (options.type !== 'postgres' && options.type !== 'mariadb')
    throw new Error(`no URL for ${options.type}`);
  const { host, port, username, password, database } = options;
  const secret = typeof password === 'string' ? `:${encodeURIComponent(password)}` : '';
  return `${options.type}://${username}${secret}@${host}:${port}/${database}`;
}
