/** One value of a row as drivers take it. */
export type SqlValue = string | number | null | Uint8Array;

/** What drivers take as a parameter; a list where the database has arrays. */
export type SqlParameter = SqlValue | readonly SqlValue[];

/** A piece of SQL and what its `?` stand for. */
export interface SqlPiece {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** One row as a driver answers it; nothing about it is trusted before it is decoded. */
export type SqlRecord = Readonly<Record<string, unknown>>;

/** One SQL statement; `?` stands for each parameter in turn, whatever the database calls it. */
export interface Statement extends SqlPiece {
  /** Rows are answered as lists of values in the order of the SELECT, whose names differ; cheaper than by name where the driver can. */
  readonly asValues?: true;
  /** In place of `parameters`: the statement runs once with each of these lists. Only on SQLite, where that costs no round trips. */
  readonly each?: readonly (readonly SqlParameter[])[];
}

/** The values of one row in the order of the SELECT; nothing about them is trusted before they are decoded. */
export type SqlValues = readonly unknown[];

export interface SqlResult {
  readonly records: readonly SqlRecord[];
  /** The rows of a statement that asked for them `asValues`. */
  readonly values?: readonly SqlValues[];
  /** How many rows were written. */
  readonly affected: number;
  /** Of a statement that ran with `each` of some lists: how many rows each has written. */
  readonly affectedByEach?: readonly number[];
}

/**
 * Work on the database: statements, one after another, each decided by the answers before it. It does not know how it is run:
 * at once on SQLite, whose driver is synchronous, or with a round trip for each statement on servers.
 */
export type Work<T> = Generator<Statement, T, SqlResult>;

/** Runs one statement within some work. */
export function* query(sql: string, parameters: readonly SqlParameter[] = []): Work<SqlResult> {
  return yield { sql, parameters };
}

/** Runs one statement within some work, for rows as lists of values. */
export function* queryValues(
  sql: string,
  parameters: readonly SqlParameter[] = [],
): Work<readonly SqlValues[]> {
  return (yield { sql, parameters, asValues: true }).values ?? [];
}

/** Runs one statement that reads nothing once with each list of parameters, on SQLite; answers how many rows each has written. */
export function* queryEach(sql: string, each: readonly (readonly SqlParameter[])[]): Work<readonly number[]> {
  return (yield { sql, parameters: [], each }).affectedByEach ?? [];
}

/** Runs work whose statements answer later. */
export async function drive<T>(
  work: Work<T>,
  execute: (statement: Statement) => Promise<SqlResult>,
): Promise<T> {
  let step = work.next();
  while (step.done !== true) {
    const answer = await execute(step.value).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    step = 'result' in answer ? work.next(answer.result) : work.throw(answer.error);
  }
  return step.value;
}

/** Runs work whose statements answer at once. */
export function driveNow<T>(work: Work<T>, execute: (statement: Statement) => SqlResult): T {
  let step = work.next();
  while (step.done !== true) step = work.next(execute(step.value));
  return step.value;
}
