// The rows of a group as tasks for a process each.
import { CONTENDERS, hasPeers } from '../contenders/index.mjs';
import { given } from './arguments.mjs';

/** The rows that are measured this time: the peers' only where they are installed. */
export function rowsOf({ rows, thorough = [] }) {
  return [...rows, ...(given.quick ? [] : thorough)]
    .map((row) => (typeof row === 'string' ? { row, contender: row } : row))
    .map((row) => ({ ...row, ...CONTENDERS[row.contender], params: row.params ?? {} }))
    .filter(({ isPeer }) => hasPeers || !isPeer);
}

export function taskOf({ workload, sizes, parts, params: common }, row) {
  const { module, server, settings, nodeOptions, isPeer = false } = row;
  const params = { ...common, ...sizes[given.quick ? 'quick' : 'full'], ...row.params };
  if (params.count !== undefined)
    params.count = Math.ceil((given.count ?? params.count) * (parts?.[row.row] ?? 1));
  if (params.seconds !== undefined) params.seconds = given.seconds ?? params.seconds;
  if (!row.hasLater) params.later = 0;
  return { module, server, settings, nodeOptions, isPeer, workload, params };
}
