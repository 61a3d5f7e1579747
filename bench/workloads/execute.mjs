// Executes what is due at once, and checks that everything was: in the handlers and in the store.

/** Marks of which of so many instances ran, by the number in their name. */
export function roll(count) {
  const seen = new Uint8Array(count);
  const tally = { runs: 0, distinct: 0 };
  let isComplete = () => undefined;
  const complete = new Promise((resolve) => (isComplete = resolve));
  function mark(name) {
    const index = Number(name.slice(1));
    tally.runs++;
    if (seen[index] === 0 && ++tally.distinct === count) isComplete();
    seen[index] = 1;
  }
  return { seen, tally, complete, mark };
}

/** What is wrong with what ran and with what is left; empty if everything is as it must be. */
export function missing(count, tally, left, rowsAfter) {
  const problems = [];
  if (tally.distinct !== count) problems.push(`${count - tally.distinct} of ${count} instances did not run`);
  if (left.due > 0) problems.push(`${left.due} rows are still due`);
  if (left.leased > 0) problems.push(`${left.leased} rows are still leased`);
  if (left.rows !== rowsAfter) problems.push(`${left.rows} rows are left in place of ${rowsAfter}`);
  return problems;
}

const within = (ms, promise) => {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

export async function run({ contender, settled, params: { count, kind, patienceMs = 60_000 } }) {
  await contender.fill(count, { dueInMs: 0 });
  await settled();
  const { tally, complete, mark } = roll(count);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await contender.start(async (name) => mark(name));
  await within(patienceMs, complete);
  const ran = performance.now() - start;
  await contender.stop();
  const stored = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const problems = missing(count, tally, await contender.left(), kind === 'once-off' ? 0 : count);
  return {
    figures: {
      ran: (count / ran) * 1_000,
      stored: (count / stored) * 1_000,
      cpuMicros: (user + system) / count,
      again: tally.runs - tally.distinct,
    },
    problems,
  };
}
