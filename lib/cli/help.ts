import type { Command } from './command.js';
import { COMMON_OPTIONS, type OptionName, optionSpec } from './options.js';
import type { Terminal } from './terminal.js';

export const PROGRAM = 'nestjs-pyncette';

const CODES = 'Exit codes: 0 done; 1 failed, or doctor found a failure; 2 the command line is wrong.';

/** Help for everything. */
export function writeHelp(terminal: Terminal, commands: readonly Command[]): void {
  terminal.line(`Looks at the schedule in a database, and changes it.\n`);
  writeUsage(terminal, [`${PROGRAM} COMMAND [options]`]);
  writeTitle(terminal, 'Commands');
  for (const { name, summary } of commands) terminal.line(`  ${name.padEnd(11)} ${summary}`);
  writeOptions(terminal, 'Options of every command', [...COMMON_OPTIONS, 'version']);
  writeTitle(terminal, 'Examples');
  terminal.line(`  DATABASE_URL=postgres://app@db/app npx ${PROGRAM} list`);
  terminal.line(`  npx ${PROGRAM} doctor --url sqlite:pyncette.db`);
  terminal.line(`\n${PROGRAM} COMMAND --help says more about one. ${CODES}`);
}

/** Help for one command. */
export function writeCommandHelp(terminal: Terminal, command: Command): void {
  terminal.line(`${command.summary}\n`);
  writeUsage(
    terminal,
    command.usage.map((way) => `${PROGRAM} ${command.name} ${way}`.trimEnd()),
  );
  for (const paragraph of command.details ?? []) terminal.line(`\n${paragraph}`);
  if (command.options.length > 0) writeOptions(terminal, 'Options', command.options);
  writeOptions(terminal, 'Options of every command', COMMON_OPTIONS);
  writeTitle(terminal, 'Examples');
  for (const example of command.examples) terminal.line(`  npx ${PROGRAM} ${example}`);
  terminal.line(`\n${CODES}`);
}

function writeUsage(terminal: Terminal, ways: readonly string[]): void {
  terminal.line(terminal.paint('bold', 'Usage'));
  for (const way of ways) terminal.line(`  ${way}`);
}

function writeTitle(terminal: Terminal, title: string): void {
  terminal.line(`\n${terminal.paint('bold', title)}`);
}

function writeOptions(terminal: Terminal, title: string, names: readonly OptionName[]): void {
  writeTitle(terminal, title);
  const left = names.map((name) => {
    const { value, short } = optionSpec(name);
    return `  ${short === undefined ? '' : `-${short}, `}--${name}${value === null ? '' : ` ${value}`}`;
  });
  const width = Math.max(...left.map(({ length }) => length));
  names.forEach((name, index) => {
    terminal.line(`${(left[index] ?? '').padEnd(width)}  ${optionSpec(name).help}`);
  });
}
