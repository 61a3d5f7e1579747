import { existsSync } from 'node:fs';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { SystemClock } from '../core/clock.js';
import { dialectNamed } from '../storage/typeorm/database.js';
import { TableInspection } from '../storage/typeorm/inspection/table-inspection.js';
import { SCHEMA_VERSION, tableOf } from '../storage/typeorm/schema.js';
import { TypeOrmRepository } from '../storage/typeorm/typeorm.repository.js';
import { CommandFailure, reasonOf } from './failures.js';
import { type Store, type StoreNames, driverOf } from './store.js';
import { type StoreAddress, masked } from './store-address.js';

/** How long a server may take to answer at all. */
const CONNECT_MS = 5_000;
const QUERY_MS = 30_000;

/** TypeORM's name for each kind of database. */
export const typeOf = ({ kind }: StoreAddress): 'postgres' | 'mysql' | 'mariadb' | 'better-sqlite3' =>
  kind === 'postgres' || kind === 'mysql' || kind === 'mariadb' ? kind : 'better-sqlite3';

/** A store in an SQL database. @throws CommandFailure when it cannot be reached */
export async function connectSql(address: StoreAddress, names: StoreNames): Promise<Store> {
  const dataSource = await connected(address);
  const dialect = dialectNamed(typeOf(address));
  const inspection = new TableInspection(dataSource, dialect, tableOf(dialect, names.table, names.schema));
  return new SqlStore(address, names, dataSource, inspection);
}

class SqlStore implements Store {
  repository: TypeOrmRepository;
  private isOpen = false;

  constructor(
    readonly address: StoreAddress,
    private readonly names: StoreNames,
    private readonly dataSource: DataSource,
    readonly inspection: TableInspection,
  ) {
    this.repository = this.repositoryWith(false);
  }

  async open(): Promise<void> {
    const { table } = this.names;
    const version = await this.inspection.version();
    if (version === null)
      throw new CommandFailure(
        `${this.address.shown} has no table ${table}: create it with \`nestjs-pyncette migrate\`, or say where it is with --table and --schema`,
      );
    if (version > SCHEMA_VERSION)
      throw new CommandFailure(
        `the table ${table} has version ${version}, this release knows version ${SCHEMA_VERSION}: use the command of the release that has migrated it`,
      );
    if (version < SCHEMA_VERSION)
      throw new CommandFailure(
        `the table ${table} has version ${version}, this release needs version ${SCHEMA_VERSION}: \`nestjs-pyncette migrate\``,
      );
    await this.start();
  }

  async migrate(): Promise<void> {
    this.repository = this.repositoryWith(true);
    await this.start();
  }

  async close(): Promise<void> {
    if (this.isOpen) await this.repository.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async start(): Promise<void> {
    await this.repository.open({ clock: new SystemClock(), isClockGiven: false });
    this.isOpen = true;
  }

  private repositoryWith(createTables: boolean): TypeOrmRepository {
    return new TypeOrmRepository({
      source: () => this.dataSource,
      tableName: this.names.table,
      schema: this.names.schema,
      createTables,
      queryTimeoutMs: QUERY_MS,
      isCompareAndSet: false,
      problems: [],
    });
  }
}

async function connected(address: StoreAddress): Promise<DataSource> {
  try {
    return await new DataSource(optionsOf(address)).initialize();
  } catch (error) {
    if (error instanceof Error && error.constructor.name === 'DriverPackageNotInstalledError')
      throw new CommandFailure(
        `this kind of database needs ${driverOf(address)}, which this project does not have: npm install ${driverOf(address)}`,
        { cause: error },
      );
    throw new CommandFailure(`${address.shown} cannot be reached: ${masked(reasonOf(error), address)}`, {
      cause: error,
    });
  }
}

function optionsOf(address: StoreAddress): DataSourceOptions {
  const { url } = address;
  const type = typeOf(address);
  switch (type) {
    case 'postgres':
      return { type, url, connectTimeoutMS: CONNECT_MS, applicationName: 'nestjs-pyncette' };
    case 'better-sqlite3':
      // A file that is new is ours, and its journal too.
      return { type, database: url, ...(!existsSync(url) && { enableWAL: true }) };
    default:
      return { type, url, connectTimeout: CONNECT_MS, ...tlsOf(url) };
  }
}

/** What providers write into their URLs of MySQL; TypeORM does not read it. */
function tlsOf(url: string): { ssl?: { rejectUnauthorized: boolean } } {
  const { searchParams } = new URL(url);
  const mode = searchParams.get('ssl-mode') ?? searchParams.get('sslmode') ?? searchParams.get('ssl');
  if (mode === null || /^(disabled?|false|0)$/i.test(mode)) return {};
  return { ssl: { rejectUnauthorized: /^verify|^true$/i.test(mode) } };
}
