// npm run bench [-- --quick] [--only <group>] [--json] [--rounds <n>] [--count <n>] [--seconds <n>] [--profile]
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    count: { type: 'string' },
    seconds: { type: 'string' },
  },
});
const whole = (text) => (text === undefined ? undefined : Number.parseInt(text, 10));

export const given = {
  ...values,
  rounds: whole(values.rounds) ?? (values.quick ? 1 : 3),
  count: whole(values.count),
  seconds: whole(values.seconds),
};

/** Says on the error output how far it is; results go to the standard output. */
export const progress = (text) =>
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${text}` : text === '' ? '' : `${text}\n`);
