/** What was asked for cannot be understood. Exit code 2. */
export class UsageError extends Error {}

/** What was asked for could not be done, said in words for people. Exit code 1. */
export class CommandFailure extends Error {}

/** How a command ends. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** Why something failed, in one line: some drivers leave the message empty, and say it in a code or in what it was caused by. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  const [first] = parts;
  if (error.message !== '') return error.message;
  if (first !== undefined) return reasonOf(first);
  return 'code' in error ? String(error.code) : error.name;
}
