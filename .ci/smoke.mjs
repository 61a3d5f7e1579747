// Starts the demo as a user does, waits until tasks have executed and a dynamic one was scheduled over HTTP, presses Ctrl-C,
// and checks that everything drained and the exit code is 0. Then starts it again: it has to go on where it was.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PORT = process.env.PORT ?? '3917';
const PATIENCE_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), 'pyncette-smoke-'));

class Demo {
  output = '';

  constructor(...args) {
    this.process = spawn('npm', ['start', ...args], {
      env: { ...process.env, PORT, DEMO_DATABASE: join(folder, 'demo.db') },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.deadline = setTimeout(() => this.fail(`nothing for ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on('data', (text) => {
        this.output += text;
        process.stdout.write(text);
      });
  }

  async sees(...texts) {
    for (const text of texts)
      while (!this.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Ctrl-C, as a terminal sends it: to npm and to the application. */
  async interrupt() {
    const ended = new Promise((resolve) =>
      this.process.on('exit', (code, signal) => resolve(code ?? signal)),
    );
    process.kill(-this.process.pid, 'SIGINT');
    const code = await ended;
    clearTimeout(this.deadline);
    if (code !== 0) this.fail(`the demo ended with ${code}`);
  }

  fail(why) {
    console.error(`smoke run failed: ${why}`);
    try {
      process.kill(-this.process.pid, 'SIGKILL');
    } catch {
      /* it has ended */
    }
    process.exit(1);
  }
}

const first = new Demo();
await first.sees('A new schedule', 'Try it:');
const answer = await fetch(`http://localhost:${PORT}/greetings/smoke?every=1s`, { method: 'POST' });
if (!answer.ok) first.fail(`scheduling answered ${answer.status}`);
const page = await fetch(`http://localhost:${PORT}/pyncette`);
const script = /src="([^"]*index-[^"]*\.js)"/.exec(await page.text())?.[1];
if (!page.ok || script === undefined) first.fail(`the dashboard answered ${page.status}`);
const overview = new URL('../api/overview', new URL(script, page.url));
const { tasks } = await (await fetch(overview)).json();
if (!tasks?.some(({ name }) => name === 'greet')) first.fail('the dashboard does not know the tasks');
await first.sees('interval: due at', 'cron with seconds', 'at most once', 'hello smoke', 'fails on purpose');
await first.interrupt();

const second = new Demo();
await second.sees('Goes on where it was', 'greeted: smoke', 'hello smoke');
await second.interrupt();

const third = new Demo('--', '--reset');
await third.sees('A new schedule', 'greeted: nobody yet', 'interval: due at');
await third.interrupt();

rmSync(folder, { recursive: true, force: true });
console.log(
  'smoke run: tasks executed, the dashboard answered, Ctrl-C drained with exit code 0, a second start went on where the first was',
);
