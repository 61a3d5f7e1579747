// Starts the application, uses it as a client, and looks at what it shows. With `--stay` it goes on until Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const stays = process.argv.includes('--stay');
const child = spawn(process.execPath, [fileURLToPath(new URL('./main.js', import.meta.url))], {
  env: { ...process.env, PORT: process.env['PORT'] ?? (stays ? '3960' : '0') },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
child.stdout.on('data', (chunk: Buffer) => {
  output += chunk.toString();
  process.stdout.write(chunk);
});

/** Waits for something that the application shows. */
async function until<T>(what: string, look: () => Promise<T | null | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && child.exitCode === null;) {
    const found = await look();
    if (found !== null && found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`${what} was never shown`);
}

const says = (pattern: RegExp): Promise<string> =>
  until(String(pattern), async () => pattern.exec(output)?.[1]);

try {
  const url = await says(/listening at (\S+)/);
  const post = (to: string): Promise<Response> => {
    const body = JSON.stringify({ to });
    return fetch(`${url}/mails`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  };
  const shows = (line: string): Promise<true> =>
    until(line, async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.split('\n').includes(line) ? true : null;
    });

  await post('ada@example.com');
  await post('nobody');
  const scheduled = await says(/span (\w+): schedule send/);
  await says(new RegExp(`(process send, asked for by ${scheduled})`));
  await says(/(process send, asked for by \w+, no such address)/);
  console.log('--- each execution is linked to the call that scheduled it');
  await shows('pyncette_executions_total{task="send",outcome="succeeded"} 1');
  await shows('pyncette_execution_failures_total{task="send",reason="error"} 2');
  await shows('pyncette_parked_instances{task="send"} 1');
  console.log('--- /metrics has counted one success, two failed attempts and a parked instance');
  const page = await fetch(`${url}/pyncette`);
  assert.ok(page.ok && page.headers.get('content-type')?.startsWith('text/html'));
  console.log(`--- the dashboard answers at ${url}/pyncette`);
  for (const path of ['/health/live', '/health/ready']) {
    const answer = await fetch(`${url}${path}`);
    console.log(`--- ${path} ${answer.status} ${await answer.text()}`);
    assert.equal(answer.status, 200);
  }
  if (stays) await once(child, 'exit');
} finally {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}
assert.equal(child.exitCode, 0);
