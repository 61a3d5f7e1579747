import { existsSync } from 'node:fs';
import type { TaskRepository } from '../core/task-repository.js';
import type { TableInspection } from '../storage/typeorm/inspection/table-inspection.js';
import { IDENTIFIER, isIdentifier } from '../typeorm/identifier.js';
import type { Invocation } from './arguments.js';
import { CommandFailure, UsageError, reasonOf } from './failures.js';
import { type StoreAddress, masked, storeAddress } from './store-address.js';
import type { Terminal } from './terminal.js';

/** A store as the command line uses it: connected, and opened when its rows are asked for. */
export interface Store {
  readonly address: StoreAddress;
  /** Useless before `open`. */
  readonly repository: TaskRepository;
  /** SQL only. */
  readonly inspection: TableInspection | null;
  /** @throws CommandFailure when the table is not there, or of another release */
  open(): Promise<void>;
  /** Creates the table, or changes it into that of this release. */
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/** Where the rows are within a store. */
export interface StoreNames {
  readonly table: string;
  readonly schema: string | null;
  readonly namespace: string | null;
}

const DEFAULT_TABLE = 'pyncette_tasks';

/** Uses the store that a command line names, and closes it. Whatever fails is said without credentials. */
export async function withStore<T>(
  invocation: Invocation,
  terminal: Terminal,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  return withConnection(invocation, terminal, async (store) => {
    await store.open();
    return use(store);
  });
}

/** The same, before it is known whether the table is there. `mayCreate`: an SQLite file that is not there is made. */
export async function withConnection<T>(
  invocation: Invocation,
  terminal: Terminal,
  use: (store: Store) => Promise<T>,
  mayCreate = false,
): Promise<T> {
  const address = storeAddress(invocation, terminal);
  const names = storeNames(invocation, address);
  if (address.kind === 'sqlite' && !mayCreate && !existsSync(address.url))
    throw new CommandFailure(`there is no file ${address.shown}: \`nestjs-pyncette migrate\` creates one`);
  try {
    const store = await connect(address, names);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new CommandFailure(masked(reasonOf(error), address), { cause: error });
  }
}

async function connect(address: StoreAddress, names: StoreNames): Promise<Store> {
  if (address.kind === 'redis') return (await import('./redis-store.js')).connectRedis(address, names);
  const { connectSql } = await import('./sql-store.js').catch((error: unknown) => {
    throw missingPackage(error, ['typeorm', driverOf(address)]) ?? error;
  });
  return connectSql(address, names);
}

/** What has to be installed beside us for a kind of database. */
export function driverOf({ kind }: StoreAddress): string {
  if (kind === 'postgres') return 'pg';
  return kind === 'sqlite' ? 'better-sqlite3' : 'mysql2';
}

/** What to do when a package of the user's is not there; null: something else is wrong. */
export function missingPackage(error: unknown, packages: readonly string[]): CommandFailure | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return null;
  return new CommandFailure(
    `this kind of database needs ${packages.join(' and ')}, which this project does not have: npm install ${packages.join(' ')}`,
    { cause: error },
  );
}

/** What a store calls its own. @throws UsageError when it has no such names */
export function storeNames(invocation: Invocation, { kind }: StoreAddress): StoreNames {
  const names = {
    table: invocation.text('table') ?? DEFAULT_TABLE,
    schema: invocation.text('schema'),
    namespace: invocation.text('namespace'),
  };
  if (kind === 'redis') refuse(invocation, ['table', 'schema'], 'Redis has none; it has --namespace');
  else refuse(invocation, ['namespace'], 'only Redis has one; here there are --table and --schema');
  if (kind === 'sqlite') refuse(invocation, ['schema'], 'SQLite has none');
  for (const [option, name] of [['table', names.table] as const, ['schema', names.schema] as const])
    if (name !== null && !isIdentifier(name))
      throw new UsageError(`--${option} is '${name}'; it has to be ${IDENTIFIER}`);
  return names;
}

function refuse(
  invocation: Invocation,
  options: readonly ('table' | 'schema' | 'namespace')[],
  why: string,
): void {
  for (const option of options)
    if (invocation.has(option)) throw new UsageError(`--${option} does not belong here: ${why}`);
}
