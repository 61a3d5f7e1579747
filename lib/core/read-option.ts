import { didYouMean } from './did-you-mean.js';
import { type DurationLike, toPositiveMilliseconds } from './duration.js';
import { Problems } from './problems.js';

/** Options as an application gave them: anything. */
export type RawOptions = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is RawOptions =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads options one by one; each that is wrong becomes a problem of its owner and falls back to the default. */
export class OptionReader {
  constructor(
    private readonly owner: string,
    private readonly options: RawOptions,
    private readonly problems: Problems,
  ) {}

  has(name: string): boolean {
    return this.options[name] !== undefined;
  }

  get(name: string): unknown {
    return this.options[name];
  }

  complain(reason: string): void {
    this.problems.add(`${this.owner}: ${reason}`);
  }

  /** Refuses names that no option has. */
  knowsOnly(names: readonly string[]): void {
    for (const name of Object.keys(this.options))
      if (!names.includes(name)) this.complain(`there is no option '${name}'${didYouMean(name, names)}`);
  }

  duration<D>(name: string, fallback: D): number | D {
    if (!this.has(name)) return fallback;
    const value = this.get(name);
    return this.attempt(name, () => toPositiveMilliseconds(value as DurationLike)) ?? fallback;
  }

  count<D>(name: string, fallback: D): number | D {
    if (!this.has(name)) return fallback;
    const value = this.get(name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    this.complain(`${name} is ${show(value)}; it has to be a whole number from 1 on`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'boolean') return value;
    this.complain(`${name} is ${show(value)}; it has to be true or false`);
    return fallback;
  }

  oneOf<T extends string, D>(name: string, words: readonly T[], fallback: D): T | D {
    if (!this.has(name)) return fallback;
    const value = this.get(name);
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    this.complain(`${name} is ${show(value)}; it has to be one of ${words.map(show).join(', ')}`);
    return fallback;
  }

  fraction(name: string, fallback: number, isInside: (value: number) => boolean, range: string): number {
    const value = this.get(name) ?? fallback;
    if (typeof value === 'number' && isInside(value)) return value;
    this.complain(`${name} is ${show(value)}; it has to be ${range}`);
    return fallback;
  }

  attempt<T>(name: string, read: () => T): T | undefined {
    return this.problems.attempt(`${this.owner}: ${name}`, read);
  }

  /** A reader of options that belong to this owner under a name of their own. */
  named(name: string, options: RawOptions): OptionReader {
    return new OptionReader(`${this.owner}: ${name}`, options, this.problems);
  }

  /** A reader of the options that one option holds. */
  within(name: string): OptionReader | null {
    if (!this.has(name)) return null;
    const value = this.get(name);
    if (isRecord(value)) return this.named(name, value);
    this.complain(`${name} is ${show(value)}; it has to be an object`);
    return null;
  }
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
