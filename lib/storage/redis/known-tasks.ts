import { partsOf } from '../parts.js';
import type { Directory } from './directory.js';
import type { Link } from './link.js';

/** Most tasks that are answered, for whoever looks for rows nobody knows. */
const MOST = 200;

/** How many tasks are looked at at once. */
const TASKS_AT_ONCE = 200;

/** Those of the tasks ever seen that still have rows, the first by name. */
export async function tasksWithRows(link: Link, directory: Directory): Promise<string[]> {
  const found: string[] = [];
  for (const tasks of partsOf(await directory.allTasks(), TASKS_AT_ONCE)) {
    const haveRows = await Promise.all(tasks.map((task) => hasRows(link, directory, task)));
    found.push(...tasks.filter((_, index) => haveRows[index]));
    if (found.length >= MOST) break;
  }
  return found.slice(0, MOST);
}

async function hasRows(link: Link, directory: Directory, task: string): Promise<boolean> {
  const homes = await directory.homesOf(task);
  const counts = await link.trip(() => Promise.all(homes.map((home) => link.command('hlen', home.rows))));
  return counts.some((count) => Number(count) > 0);
}
