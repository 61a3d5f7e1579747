// One of several processes on one database, told by its parent when to start and when to stop.
import { CONTENDERS_ROOT } from './contenders/index.mjs';
import { roll } from './workloads/roll.mjs';

const { module, database, settings, params } = JSON.parse(process.argv[2]);
const { open } = await import(new URL(module, CONTENDERS_ROOT));
const contender = await open({ database, settings, ...params });
const { seen, tally, mark } = roll(params.count);
const nowMs = () => performance.timeOrigin + performance.now();
let firstAt = Number.POSITIVE_INFINITY;
let lastAt = 0;

const orders = {
  start: () =>
    contender.start((name) => {
      // Those it only warms up with have other names.
      if (!name.startsWith('i')) return;
      mark(name);
      lastAt = nowMs();
      firstAt = Math.min(firstAt, lastAt);
    }),
  async stop() {
    await contender.stop();
    const cpu = process.cpuUsage();
    const ended = {
      runs: tally.runs,
      firstAt,
      lastAt,
      storedAt: nowMs(),
      cpuMicros: cpu.user + cpu.system,
      seen: Buffer.from(seen).toString('base64'),
    };
    await new Promise((resolve) => process.send({ ended }, resolve));
    await contender.close();
    process.disconnect();
  },
};
process.on('message', (order) => void orders[order]());
setInterval(() => process.connected && process.send({ runs: tally.runs }), 50).unref();
process.send({ isReady: true });
