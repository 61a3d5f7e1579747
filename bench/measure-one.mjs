// One measurement in a process and, usually, a database of its own; prints what it found as one line of JSON.
import { CONTENDERS_ROOT } from './contenders/index.mjs';
import { DATABASES } from './databases/index.mjs';

const task = JSON.parse(process.argv[2]);
const { module, workload, server: kindOfServer, settings, params, template, database: name } = task;
const databases = DATABASES[kindOfServer];
const database = databases.at(name);

/** What a workload asks the server for. */
const server = Object.fromEntries(
  ['settle', 'vacuum', 'transactions', 'size', 'history']
    .filter((ask) => ask in databases)
    .map((ask) => [ask, () => databases[ask](name)]),
);

await databases.create(name, template);
const { open } = await import(new URL(module, CONTENDERS_ROOT));
const { run } = await import(new URL(`workloads/${workload}.mjs`, import.meta.url));
const contender = await open({ database, settings, ...params });
const result = await run({ contender, server, params, task: { module, database, settings, params } });
console.log(JSON.stringify(result));
await contender.close();
process.exit(0);
