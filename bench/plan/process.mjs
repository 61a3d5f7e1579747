// A process for each measurement: a cold start for everybody, and nobody's rubbish for the next.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DATABASES } from '../databases/index.mjs';

const root = new URL('../', import.meta.url);
const inRoot = (path) => fileURLToPath(new URL(path, root));
const TIMEOUT_MS = 5 * 60_000;
const running = new Map();
const children = new Set();
let made = 0;
let isAbandoned = false;

export const freshName = () => `pyncette_bench_${process.pid}_${++made}`;

/** The peers' own Node: some of them need a newer one than this project. */
const nodeFor = (isPeer) => (isPeer ? inRoot('peers/node_modules/node/bin/node') : process.execPath);

/** What a script prints on the standard output; its end other than by code 0 is an error with what it said. */
export function output(script, args, { isPeer = false, nodeOptions = [], seconds = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(nodeFor(isPeer), ['--expose-gc', ...nodeOptions, inRoot(script), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS + seconds * 1_000,
    });
    children.add(child);
    let printed = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children.delete(child);
      if (code === 0)
        resolve(
          printed
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line)),
        );
      else reject(new Error(`ended with ${signal ?? code}: ${(errors || printed).trim().slice(-2_000)}`));
    });
  });
}

/** Measures in a database that is made for it and dropped after it; `keeps` leaves it to be copied from. */
export async function measured(task, { keeps = false } = {}) {
  // The process is about to end: nothing more is begun.
  if (isAbandoned) return new Promise(() => undefined);
  const database = task.database ?? freshName();
  const { isPeer, nodeOptions, params } = task;
  running.set(database, task.server);
  try {
    const printed = await output('measure-one.mjs', [JSON.stringify({ ...task, database })], {
      isPeer,
      nodeOptions,
      seconds: params.seconds,
    });
    return printed.at(-1) ?? { figures: {}, problems: ['it printed nothing'] };
  } catch (error) {
    return { figures: {}, problems: [error.message] };
  } finally {
    if (!keeps) await dropped(database);
  }
}

/** Drops a database that was made by this run. */
export async function dropped(database) {
  const server = running.get(database);
  if (running.delete(database)) await DATABASES[server].drop(database);
}

/** Ctrl-C leaves nothing behind. */
export async function abandonAll() {
  isAbandoned = true;
  for (const child of children) child.kill('SIGKILL');
  for (const database of running.keys()) await dropped(database);
}
