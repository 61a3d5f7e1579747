import type { Invocation } from './arguments.js';
import type { OptionName } from './options.js';
import type { Terminal } from './terminal.js';

/** Does what a command says; answers its exit code. */
export type Action = (invocation: Invocation, terminal: Terminal) => Promise<number>;

/** One command: what its help says, and where it is. */
export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What stands behind the name, one line for each way to call it. */
  readonly usage: readonly string[];
  /** More to know, in paragraphs. */
  readonly details?: readonly string[];
  /** The fewest and the most positionals. */
  readonly positionals: readonly [number, number];
  /** Besides those that every command has. */
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
  /** Loaded when it is called: help needs nothing of it. */
  load(): Promise<Action>;
}
