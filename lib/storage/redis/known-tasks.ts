import type { Directory } from './directory.js';
import type { Link } from './link.js';

/** Most tasks that are looked at for rows nobody knows. */
const TASKS_LOOKED_AT = 200;

/** Those of the tasks ever seen that still have rows. */
export async function tasksWithRows(link: Link, directory: Directory): Promise<string[]> {
  const tasks = (await directory.allTasks()).slice(0, TASKS_LOOKED_AT);
  const counts = await Promise.all(
    tasks.map(async (task) => {
      const homes = await directory.homesOf(task);
      return link.trip(() => Promise.all(homes.map((home) => link.command('hlen', home.rows))));
    }),
  );
  return tasks.filter((_, index) => counts[index]?.some((count) => Number(count) > 0));
}
