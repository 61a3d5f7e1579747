// The rows of a group as tasks for a process each.
import { CONTENDERS, hasPeers } from '../contenders/index.mjs';
import { given } from './arguments.mjs';

const size = given.quick ? 'quick' : 'full';

/** The rows that are measured this time: the peers' only where they are installed. */
export function rowsOf({ rows, thorough = [] }) {
  return [...rows, ...(given.quick ? [] : thorough)]
    .map((row) => (typeof row === 'string' ? { row, contender: row } : row))
    .map((row) => ({ ...row, ...CONTENDERS[row.contender], params: row.params ?? {} }))
    .filter(({ isPeer }) => hasPeers || !isPeer);
}

export function taskOf(group, row) {
  const { module, server, settings, isPeer = false } = row;
  const part = group.parts?.[row.row] ?? 1;
  const count = group.count && Math.ceil((given.count ?? group.count[size]) * part);
  const seconds = group.seconds && (given.seconds ?? group.seconds[size]);
  const later = row.hasLater ? group.later[size] : 0;
  const params = { ...group.params, ...group.span?.[size], count, seconds, later, ...row.params };
  if (group.span && given.quick) Object.assign(params, group.span.quick);
  return { module, server, settings, isPeer, workload: group.workload, params };
}
