// How long a poll takes that finds nothing.
import { filled } from './execute.mjs';

export async function run(measurement) {
  const { contender, params } = measurement;
  await filled({ ...measurement, params: { ...params, count: 0 } });
  for (let warm = 0; warm < 200; warm++) await contender.poll();
  const durations = [];
  for (let poll = 0; poll < params.polls; poll++) {
    const start = performance.now();
    await contender.poll();
    durations.push((performance.now() - start) * 1_000);
  }
  durations.sort((a, b) => a - b);
  return { figures: { poll: durations[Math.floor(durations.length / 2)] }, problems: [] };
}
