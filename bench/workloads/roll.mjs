// Who ran: the proof that no execution is missing.

/** Marks the instances `i0`, `i1`, … that ran; others are only counted. */
export function roll(count) {
  const seen = new Uint8Array(count);
  const tally = { runs: 0, distinct: 0, lastAt: 0 };
  let isComplete = () => undefined;
  const complete = new Promise((resolve) => (isComplete = resolve));
  function mark(name) {
    tally.runs++;
    const index = Number(name.slice(1));
    if (seen[index] === 0 && ++tally.distinct === count) {
      tally.lastAt = performance.now();
      isComplete();
    }
    seen[index] = 1;
  }
  return { seen, tally, complete, mark };
}

/** What is wrong with what ran and with what is left in the store; empty when everything is as it must be. */
export function missing(count, distinct, left, rowsAfter) {
  const problems = [];
  if (distinct !== count) problems.push(`${count - distinct} of ${count} instances did not run`);
  if (left.due > 0) problems.push(`${left.due} are still due in the store`);
  if (left.leased > 0) problems.push(`${left.leased} are still leased in the store`);
  if (left.rows !== rowsAfter) problems.push(`the store holds ${left.rows} in place of ${rowsAfter}`);
  return problems;
}

/** Waits for a promise, but not for ever: what is missing by then is counted. */
export async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
