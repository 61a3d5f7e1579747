// Starts the application and walks through it as a client would.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PORT = process.env['PORT'] ?? '3958';
const folder = mkdtempSync(join(tmpdir(), 'orders-'));
const child = spawn(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url))], {
  env: { ...process.env, PORT, DATABASE: join(folder, 'orders.db') },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
child.stdout.on('data', (chunk: Buffer) => {
  output += chunk.toString();
  process.stdout.write(chunk);
});

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: object }> {
  const answer = await fetch(`http://localhost:${PORT}/orders${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answered = { status: answer.status, body: (await answer.json()) as object };
  console.log(`--- ${method} /orders${path} ${JSON.stringify(body ?? '')} -> ${JSON.stringify(answered)}`);
  return answered;
}

const post = (path: string, body: object) => call('POST', path, body);

async function says(text: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!output.includes(text)) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`'${text}' was never said`);
    await sleep(20);
  }
}

try {
  await says('Try it:');
  assert.equal((await post('', { email: 'nobody', total: 0 })).status, 400);
  assert.equal((await post('', { email: 'ada@example.com', total: 30, remindIn: '1s' })).status, 201);
  assert.equal((await post('', { email: 'bob@example.com', total: 5_000 })).status, 409);
  assert.equal((await call('GET', '/2')).status, 404);
  assert.equal((await post('', { email: 'eve@example.com', total: 70 })).status, 201);
  assert.deepEqual((await call('DELETE', '/2')).body, { existed: true });
  assert.deepEqual((await post('/newsletter', { readers: 20_000 })).body, { scheduled: 20_000 });
  await says('reminded of order 1');
  await sleep(200);
  const { body } = await call('GET', '/1');
  assert.deepEqual(body, { id: 1, email: 'ada@example.com', total: 30, reminders: 1, remindedAt: null });
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(folder, { recursive: true, force: true });
}
assert.equal(child.exitCode, 0);
console.log('--- the refused order left neither an order nor a reminder; Ada was reminded exactly once');
