// One measurement in a process and a database of its own: node bench/measure-one.mjs '{"contender":…,"workload":…}'.
// Prints its figures, and what was wrong, as one line of JSON.
import { postgres } from './databases/postgres.mjs';

const DATABASES = { PostgreSQL: postgres };
const { module, workload, server, settings, params } = JSON.parse(process.argv[2]);

const name = `pyncette_bench_${process.pid}`;
const databases = DATABASES[server];
await databases.create(name);
try {
  const { open } = await import(new URL(module, import.meta.url));
  const { run } = await import(new URL(`workloads/${workload}.mjs`, import.meta.url));
  const contender = await open({ database: databases.at(name), settings, kind: params.kind });
  const result = await run({ contender, settled: () => databases.settle(name), params });
  await contender.close();
  console.log(JSON.stringify(result));
} finally {
  await databases.drop(name);
}
process.exit(0);
