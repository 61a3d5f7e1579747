// Starts the application, kills it in the middle of its work, and starts it again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'survives-restart-'));
const sent = new Set<string>();

function start(): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url))], {
    env: { ...process.env, DATABASE: join(folder, 'mails.db') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    for (const [, mail = ''] of chunk.toString().matchAll(/^sent (.*)$/gm)) sent.add(mail);
  });
  return child;
}

async function until(count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (sent.size < count) {
    if (Date.now() > deadline) throw new Error(`only ${sent.size} mails were sent`);
    await sleep(20);
  }
}

const first = start();
await until(4);
await sleep(350);
console.log('--- kill -9');
first.kill('SIGKILL');
await once(first, 'exit');
await sleep(1_000);

console.log('--- started again');
const second = start();
await until(10);
second.kill('SIGTERM');
const [code] = (await once(second, 'exit')) as [number | null];
rmSync(folder, { recursive: true, force: true });
console.log(`--- all ${sent.size} mails were sent; the second process drained and ended with code ${code}`);
process.exitCode = code ?? 1;
