import type { Invocation } from '../arguments.js';
import { EXIT, UsageError } from '../failures.js';
import { type Store, missingPackage, storeNames, withConnection } from '../store.js';
import { storeAddress } from '../store-address.js';
import type { Terminal } from '../terminal.js';

export async function migrate(invocation: Invocation, terminal: Terminal): Promise<number> {
  if (invocation.has('print')) return print(invocation, terminal);
  return withConnection(invocation, terminal, (store) => prepare(store, invocation, terminal), true);
}

async function prepare(store: Store, invocation: Invocation, terminal: Terminal): Promise<number> {
  const before = (await store.inspection?.version()) ?? null;
  await store.migrate();
  const after = (await store.inspection?.version()) ?? null;
  const table = store.inspection?.table.sql ?? null;
  if (invocation.has('json')) terminal.json({ table, before, after });
  else terminal.line(said(table, before, after));
  return EXIT.ok;
}

function said(table: string | null, before: number | null, after: number | null): string {
  if (table === null) return 'Redis needs no tables: there is nothing to do.';
  if (before === null) return `Created ${table}, version ${after}.`;
  return before === after
    ? `${table} has version ${after} already: there is nothing to do.`
    : `Brought ${table} from version ${before} to version ${after}.`;
}

/** The SQL for those who may not, or would rather not, let a program do it. */
async function print(invocation: Invocation, terminal: Terminal): Promise<number> {
  const address = storeAddress(invocation, terminal);
  if (address.kind === 'redis') throw new UsageError('Redis needs no tables: there is no SQL to print');
  const names = storeNames(invocation, address);
  const { sqlFor } = await import('../printed-sql.js').catch((error: unknown) => {
    throw missingPackage(error, ['typeorm']) ?? error;
  });
  const statements = sqlFor(address, names);
  if (invocation.has('json')) terminal.json({ statements });
  else for (const sql of statements) terminal.line(`${sql};`);
  return EXIT.ok;
}
