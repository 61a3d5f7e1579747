import { parseArgs } from 'node:util';
import { didYouMean } from '../core/did-you-mean.js';
import type { RowState } from '../core/row-state.js';
import type { Command } from './command.js';
import { UsageError } from './failures.js';
import { COMMON_OPTIONS, OPTIONS, type OptionName, isOptionName, optionSpec } from './options.js';

/** What was written on the command line, taken apart. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly options: ReadonlyMap<OptionName, string>;
}

/** Takes a command line apart. @throws UsageError naming what is wrong, and what was perhaps meant */
export function readArguments(line: readonly string[]): Arguments {
  const positionals: string[] = [];
  const options = new Map<OptionName, string>();
  const { tokens } = parseArgs({
    args: [...line],
    options: PARSED,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind === 'option')
      options.set(...readOption(token.name, token.rawName, token.value, token.inlineValue));
  }
  return { positionals, options };
}

const PARSED = Object.fromEntries(
  Object.keys(OPTIONS)
    .filter(isOptionName)
    .map((name) => {
      const { value, short } = optionSpec(name);
      return [name, { type: value === null ? 'boolean' : 'string', ...(short && { short }) } as const];
    }),
);

function readOption(
  name: string,
  written: string,
  value: string | undefined,
  isInline: boolean | undefined,
): [OptionName, string] {
  if (!isOptionName(name))
    throw new UsageError(
      `there is no option ${written}${didYouMean(`--${name}`, Object.keys(OPTIONS).map(dashed))}`,
    );
  const { value: placeholder } = optionSpec(name);
  if (placeholder === null) {
    if (value !== undefined) throw new UsageError(`${written} takes no value`);
    return [name, ''];
  }
  if (value === undefined) throw new UsageError(`${written} needs a value: ${written} ${placeholder}`);
  if (isInline !== true && value.startsWith('-'))
    throw new UsageError(
      `${written} needs a value: ${written} ${placeholder}; for one that begins with a dash write ${written}=${value}`,
    );
  return [name, value];
}

const dashed = (name: string): string => `--${name}`;

const STATES: readonly RowState[] = ['scheduled', 'running', 'paused', 'parked'];

/** A command as it was called. */
export class Invocation {
  /** @throws UsageError when the command has no such option, or takes fewer or more positionals */
  constructor(
    readonly command: Command,
    readonly positionals: readonly string[],
    private readonly options: ReadonlyMap<OptionName, string>,
  ) {
    const known = [...COMMON_OPTIONS, ...command.options];
    for (const name of options.keys())
      if (!known.includes(name))
        throw new UsageError(
          `${command.name} has no option --${name}${didYouMean(`--${name}`, known.map(dashed))}`,
        );
    const [fewest, most] = command.positionals;
    if (positionals.length < fewest) throw new UsageError(`${command.name} needs the name of a task`);
    const extra = positionals[most];
    if (extra !== undefined) throw new UsageError(`${command.name} does not take '${extra}'`);
  }

  has(name: OptionName): boolean {
    return this.options.has(name);
  }

  text(name: OptionName): string | null {
    return this.options.get(name) ?? null;
  }

  count(name: OptionName, fallback: number): number {
    const text = this.text(name);
    if (text === null) return fallback;
    const count = Number(text);
    if (Number.isSafeInteger(count) && count >= 1) return count;
    throw new UsageError(`--${name} is '${text}'; it has to be a whole number from 1 on`);
  }

  oneOf<T extends string>(name: OptionName, words: readonly T[]): T | null {
    const text = this.text(name);
    if (text === null) return null;
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new UsageError(
      `--${name} is '${text}'; it has to be ${words.join(', ')}${didYouMean(text, words)}`,
    );
  }

  get state(): RowState | null {
    return this.oneOf('state', STATES);
  }
}
