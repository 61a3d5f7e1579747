// Compiles a sample and runs its show: npm run sample -- 01-survives-restart
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const samples = readdirSync(join(root, 'sample')).filter((name) => /^\d/.test(name));
const [, , wanted = '', ...args] = process.argv;
const name = samples.find((sample) => sample.startsWith(wanted) && wanted !== '');
if (name === undefined) {
  console.error(`Which sample? npm run sample -- ${samples.join(' | ')}`);
  process.exit(1);
}
const folder = join(root, 'sample', name);
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const node = (...command) => execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
if (!existsSync(join(root, 'dist/index.js'))) node(tsc, '-p', 'tsconfig.build.json');
node(tsc, '-p', folder);
const show = ['show.js', 'main.js']
  .map((file) => join(folder, 'dist', file))
  .find((file) => existsSync(file));
spawn(process.execPath, [show, ...args], { cwd: root, stdio: 'inherit' }).on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 0 : 1);
});
// Ctrl-C is for the sample, which drains.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
