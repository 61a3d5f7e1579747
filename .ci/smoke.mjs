// Starts the demo as a user does, waits until tasks have executed and a dynamic one was scheduled over HTTP, presses Ctrl-C,
// and checks that everything drained and the exit code is 0.
import { spawn } from 'node:child_process';

const PORT = process.env.PORT ?? '3917';
const PATIENCE_MS = 120_000;
const demo = spawn('npm', ['start'], {
  env: { ...process.env, PORT },
  stdio: ['ignore', 'pipe', 'pipe'],
  detached: true,
});
let output = '';
const deadline = setTimeout(() => fail(`nothing for ${PATIENCE_MS / 1000} s`), PATIENCE_MS);

for (const stream of [demo.stdout, demo.stderr])
  stream.on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });

const sees = async (text) => {
  while (!output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 50));
};

await sees('Try it:');
const answer = await fetch(`http://localhost:${PORT}/greetings/smoke?every=1s`, { method: 'POST' });
if (!answer.ok) fail(`scheduling answered ${answer.status}`);
for (const text of [
  'interval: due at',
  'cron with seconds',
  'at most once',
  'hello smoke',
  'fails on purpose',
])
  await sees(text);

process.kill(-demo.pid, 'SIGINT');
const code = await new Promise((resolve) =>
  demo.on('exit', (exitCode, signal) => resolve(exitCode ?? signal)),
);
clearTimeout(deadline);
if (code !== 0) fail(`the demo ended with ${code}`);
console.log('smoke run: tasks executed, Ctrl-C drained, exit code 0');

function fail(why) {
  console.error(`smoke run failed: ${why}`);
  try {
    process.kill(-demo.pid, 'SIGKILL');
  } catch {
    /* it has ended */
  }
  process.exit(1);
}
