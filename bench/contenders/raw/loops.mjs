// What every raw loop does: a step after another on each connection until nothing is due.
import { setTimeout } from 'node:timers/promises';

const LONGEST_REST_MS = 1_000;

/** One execution as it is without a library: its moment, and a handler that is awaited. */
export async function executed(rows, handler, everyMs) {
  const names = [];
  const nexts = [];
  for (const [name, dueAt] of rows) {
    await handler(name);
    names.push(name);
    nexts.push(dueAt + everyMs);
  }
  return { names, nexts };
}

/**
 * @param step executes one batch on a connection and answers how many there were
 * @param nextDueAt given where the loops go on: when the next row is due, so that they rest until then
 */
export function loops(connections, step, nextDueAt) {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running = [];
  async function loop(connection, handler) {
    while (!signal.aborted) {
      const count = await step(connection, async (name) => handler(name));
      if (count > 0) continue;
      if (nextDueAt === undefined) return;
      const inMs = Math.max(1, ((await nextDueAt(connection)) ?? Infinity) - Date.now());
      await setTimeout(Math.min(LONGEST_REST_MS, inMs), undefined, { signal }).catch(() => undefined);
    }
  }
  return {
    start: (handler) => void (running = connections().map((connection) => loop(connection, handler))),
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
