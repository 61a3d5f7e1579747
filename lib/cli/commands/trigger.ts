import { encodeArgs } from '../../core/args.js';
import type { Invocation } from '../arguments.js';
import { UsageError } from '../failures.js';
import { changeOne } from '../change-one.js';
import type { Terminal } from '../terminal.js';

export function trigger(invocation: Invocation, terminal: Terminal): Promise<number> {
  const text = invocation.text('args');
  const args = text === null ? null : checkedArgs(text);
  return changeOne(invocation, terminal, {
    change: ({ repository }, key) => repository.trigger([{ ...key, args }]),
    said: ({ state }) => {
      if (state === 'paused' || state === 'parked')
        return `runs once when it has been resumed: it is ${state}`;
      return state === 'running' ? 'runs once more when it has finished' : 'runs once with the next poll';
    },
  });
}

function checkedArgs(text: string): string {
  try {
    return encodeArgs(JSON.parse(text));
  } catch (error) {
    const reason =
      error instanceof SyntaxError ? 'it is no JSON' : error instanceof Error ? error.message : String(error);
    throw new UsageError(`--args: ${reason}; it has to be a JSON object such as '{"username":"bill"}'`);
  }
}
