// Rounds of a group: A B C A B C …, so that whatever else the machine does meets everybody alike.
import { DATABASES } from '../databases/index.mjs';
import { given, progress } from './arguments.mjs';
import { measured, output } from './process.mjs';
import { rowsOf, taskOf } from './tasks.mjs';
import { templateFor } from './templates.mjs';

async function measuredRow(task, say) {
  if (task.params.later === 0 || DATABASES[task.server].hasCopies === false) return measured(task);
  const template = await templateFor(task, say);
  return measured({ ...task, template, params: { ...task.params, isCopied: true } });
}

async function roundsOf(name, group) {
  const rounds = Math.min(given.rounds, group.rounds ?? given.rounds);
  const results = rowsOf(group).map((row) => ({ row, task: taskOf(group, row), rounds: [], problems: [] }));
  for (let round = 1; round <= rounds; round++)
    for (const { row, task, ...result } of results) {
      const say = (text) => progress(`${name}, round ${round} of ${rounds}, ${row.row}: ${text}`);
      say('measuring');
      const { problems, figures, windows } = await measuredRow(task, say);
      // Figures of a run in which something is missing say nothing.
      result.rounds.push(problems.length > 0 ? {} : { ...figures, ...(windows && { windows }) });
      result.problems.push(...problems);
    }
  return results.map(({ row, task, rounds, problems }) => ({
    row: row.row,
    says: row.says,
    server: row.server,
    params: task.params,
    rounds,
    problems,
  }));
}

/** A script prints its figures itself, each with its limit where it has one. */
async function printedBy(name, { script }) {
  progress(name);
  try {
    const figures = await output(script, given.quick ? ['--quick'] : []);
    const problems = figures
      .filter(({ value, atMost }) => atMost !== undefined && value > atMost)
      .map(({ figure, value, atMost, unit }) => `${figure}: ${value} ${unit} is more than ${atMost}`);
    return { figures, problems };
  } catch (error) {
    return { figures: [], problems: [error.message] };
  }
}

export async function measureGroup(name, group) {
  const at = new Date().toISOString();
  const { title, columns = {}, rows: _, thorough: __, ...about } = group;
  if (group.script !== undefined) return { name, title, at, ...(await printedBy(name, about)), results: [] };
  const results = await roundsOf(name, group);
  const problems = results.flatMap((one) => one.problems.map((problem) => `${one.row}: ${problem}`));
  return { name, title, at, columns, results, problems };
}
