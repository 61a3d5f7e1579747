// npm run bench [-- --quick] [-- --json]: every benchmark in a process of its own, then one table.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isQuick, progress } from './measure.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const hasPeers = existsSync(`${folder}peers/node_modules/pg-boss`);
const own = [
  ['memory.mjs'],
  ['cron.mjs'],
  ['sql.mjs', 'SQLite'],
  ['sql.mjs', 'MariaDB'],
  ['sql.mjs', 'PostgreSQL'],
  ['raw-postgres.mjs'],
];
const peers = [['peers/graphile-worker.mjs'], ['peers/pg-boss.mjs'], ['peers/timers.mjs']];
const scripts = hasPeers ? [...own, ...peers] : own;

function run([script, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--expose-gc', `${folder}${script}`, ...args, ...process.argv.slice(2)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => {
      if (code !== 0) failures.push(`${script} ended with ${code}`);
      const lines = output.split('\n').filter((line) => line.startsWith('{'));
      resolve(lines.map((line) => JSON.parse(line)));
    });
  });
}

const failures = [];
const figures = [];
for (const [index, script] of scripts.entries()) {
  progress(`${index + 1} of ${scripts.length}: ${script.join(' ')}`);
  figures.push(...(await run(script)));
}
progress('');

/** How many times our own figure a peer's is. */
function ratio({ compare, value, what }) {
  if (compare === undefined) return '';
  const ours = figures.find(
    (one) => one.compare === compare && (one.what === 'PostgreSQL' || one.what.startsWith('nestjs-pyncette')),
  );
  return ours === undefined || ours.what === what ? '' : `${(value / ours.value).toFixed(2)} × ours`;
}

const shown = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));
for (const figure of figures)
  if (figure.atMost !== undefined && figure.value > figure.atMost)
    failures.push(
      `${figure.what}: ${figure.figure} is ${shown(figure.value)} ${figure.unit}, more than ${shown(figure.atMost)}`,
    );

if (process.argv.includes('--json')) console.log(JSON.stringify(figures, null, 2));
else
  console.table(
    figures.map((figure) => ({
      what: figure.what,
      figure: figure.figure ?? `SKIPPED: ${figure.skipped}`,
      value: figure.value === undefined ? '' : `${shown(figure.value)} ${figure.unit}`,
      limit: figure.atMost === undefined ? '' : `${shown(figure.atMost)} ${figure.unit}`,
      peers: ratio(figure),
    })),
  );
if (!hasPeers)
  console.log('SKIPPED: the peers are not installed; npm --prefix bench/peers install brings them');
if (isQuick) console.log('A quick run: one round each, fewer rows. npm run bench does it properly.');
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
