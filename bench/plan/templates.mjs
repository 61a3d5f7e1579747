// Databases with many rows are filled once and copied for each measurement.
import { dropped, freshName, measured } from './process.mjs';

const made = new Map();

/** The name of a database that holds the rows of a task that are not due. */
export async function templateFor(task, progress) {
  const { module, server, params } = task;
  const key = JSON.stringify([module, server, params.later, params.kind]);
  if (!made.has(key)) {
    progress(`filling ${params.later.toLocaleString('en')} rows`);
    const database = freshName();
    const fill = { ...task, workload: 'fill', database, params: { ...params, count: 0 } };
    const { problems } = await measured(fill, { keeps: true });
    made.set(key, database);
    if (problems.length > 0) throw new Error(`Filling: ${problems.join('; ')}`);
  }
  return made.get(key);
}

export async function dropTemplates() {
  for (const database of made.values()) await dropped(database);
  made.clear();
}
