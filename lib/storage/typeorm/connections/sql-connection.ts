import type { Work } from '../statement.js';

/** How the scheduler's work gets to the database, and back within a time that is bounded. */
export interface SqlConnection {
  /** Statements that need not be one transaction. */
  read<T>(work: () => Work<T>): Promise<T>;
  /** One transaction, tried again where the database asks for that. `work` begins anew each time. */
  write<T>(work: () => Work<T>, limitMs?: number): Promise<T>;
}
