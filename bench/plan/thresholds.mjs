// thresholds.json, read with the care that a misspelt row deserves: it would never be measured.
import { readFileSync } from 'node:fs';
import { GROUPS } from './groups.mjs';

function problemOf({ group, row, over, minus, figure }) {
  const { rows = [], thorough = [], columns = {} } = GROUPS[group] ?? {};
  const names = new Set([...rows, ...thorough].map((one) => one.row ?? one));
  const missing = [row, over, minus].filter((name) => name !== undefined && !names.has(name));
  if (missing.length > 0) return `the group '${group}' has no row '${missing.join("', '")}'`;
  return figure in columns ? null : `the group '${group}' has no figure '${figure}'`;
}

export function readThresholds() {
  const byGroup = JSON.parse(readFileSync(new URL('../thresholds.json', import.meta.url), 'utf8'));
  const thresholds = Object.entries(byGroup).flatMap(([group, of]) => of.map((one) => ({ group, ...one })));
  const problems = thresholds.map(problemOf).filter((problem) => problem !== null);
  if (problems.length > 0) throw new Error(`thresholds.json: ${problems.join('; ')}`);
  return thresholds;
}
