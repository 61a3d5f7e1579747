// Rounds of a group: A B C A B C …, so that what the machine does meanwhile meets everybody alike. Each measurement is a process.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CONTENDERS } from '../contenders/index.mjs';
import { given, progress } from './arguments.mjs';

const script = fileURLToPath(new URL('../measure-one.mjs', import.meta.url));

/** Answers with what one process measured; one that ends otherwise is a problem of that row. */
function measured(task) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', script, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('close', (code) => {
      const line = output.split('\n').findLast((one) => one.startsWith('{"figures"'));
      if (code === 0 && line !== undefined) resolve(JSON.parse(line));
      else resolve({ figures: {}, problems: [`ended with ${code}: ${errors.trim().slice(-2_000)}`] });
    });
  });
}

export async function measureGroup(name, group) {
  const results = group.rows.map((row) => ({ row, says: CONTENDERS[row].says, rounds: [], problems: [] }));
  for (let round = 0; round < given.rounds; round++)
    for (const result of results) {
      progress(`${name}, round ${round + 1} of ${given.rounds}: ${result.row}`);
      const { module, server, settings } = CONTENDERS[result.row];
      const all = given.count ?? (given.quick ? group.count.quick : group.count.full);
      const count = Math.ceil(all * (group.fewer?.[result.row] ?? 1));
      const params = { ...group.params, count };
      const { figures, problems } = await measured({
        module,
        workload: group.workload,
        server,
        settings,
        params,
      });
      result.rounds.push(figures);
      result.problems.push(...problems.map((problem) => `${name}, ${result.row}: ${problem}`));
    }
  return { name, ...group, results };
}
