import { randomBytes } from 'node:crypto';

/** A word for each write, never the same twice, here or in another process: by it a row is known to be as it was. */
export class Versions {
  private readonly writer = randomBytes(6).toString('base64url');
  private count = 0;

  next(): string {
    return `${this.writer}.${(++this.count).toString(36)} `;
  }
}

/** A row as it is stored: its version, then what it holds. */
export function versionOf(stored: string): string {
  const end = stored.indexOf(' ') + 1;
  return end === 0 ? stored : stored.slice(0, end);
}
