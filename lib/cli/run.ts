import { createRequire } from 'node:module';
import { didYouMean } from '../core/did-you-mean.js';
import { Invocation, readArguments } from './arguments.js';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { printable } from './display-width.js';
import { EXIT, UsageError, reasonOf } from './failures.js';
import { PROGRAM, writeCommandHelp, writeHelp } from './help.js';
import { type Streams, Terminal } from './terminal.js';

/** Does what a command line says; answers the exit code. Nothing is thrown. */
export async function run(line: readonly string[], streams: Streams): Promise<number> {
  const terminal = new Terminal(streams);
  try {
    return await execute(line, terminal);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const reason = reasonOf(error).split('\n').map(printable).join('\n');
    terminal.note(`${terminal.paintNote('red', PROGRAM)}: ${reason}`);
    if (isUsage) terminal.note(`${PROGRAM} --help says what can be asked for.`);
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

async function execute(line: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals, options } = readArguments(line);
  const [name, ...rest] = positionals;
  if (options.has('version')) terminal.line(version());
  else if (name === undefined || name === 'help') return help(terminal, rest[0], options.has('help'), name);
  else if (options.has('help')) writeCommandHelp(terminal, commandNamed(name));
  else {
    const command = commandNamed(name);
    const invocation = new Invocation(command, rest, options);
    return (await command.load())(invocation, terminal);
  }
  return EXIT.ok;
}

/** Asked for, help is a result; where a command is missing it is a complaint. */
function help(
  terminal: Terminal,
  about: string | undefined,
  isAsked: boolean,
  name: string | undefined,
): number {
  if (about !== undefined) writeCommandHelp(terminal, commandNamed(about));
  else writeHelp(terminal, COMMANDS);
  return isAsked || name === 'help' ? EXIT.ok : EXIT.usage;
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map((one) => one.name);
  throw new UsageError(
    `there is no command '${name}'${didYouMean(name, names)}: it has to be one of ${names.join(', ')}`,
  );
}

function version(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json');
  const isNamed = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isNamed ? String(manifest.version) : 'unknown';
}
