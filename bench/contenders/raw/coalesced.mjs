/** Calls that come while a statement is under way share the next one. */
export function coalesced(upsert) {
  let gathered = [];
  let isUnderWay = false;
  async function flush() {
    isUnderWay = true;
    while (gathered.length > 0) {
      const calls = gathered;
      gathered = [];
      try {
        await upsert(calls.map(({ given }) => given));
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of calls) reject(error);
      }
    }
    isUnderWay = false;
  }
  return (given) =>
    new Promise((resolve, reject) => {
      gathered.push({ given, resolve, reject });
      if (!isUnderWay) queueMicrotask(() => isUnderWay || flush());
    });
}
