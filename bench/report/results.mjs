// bench/results: figures for programs, tables for people, charts. Groups that were not measured this time stay as they were.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { DATABASES } from '../databases/index.mjs';
import { given } from '../plan/arguments.mjs';
import { GROUPS } from '../plan/groups.mjs';
import { chartsOf } from './charts.mjs';
import { documentOf } from './document.mjs';
import { judge } from './thresholds.mjs';

// What a quick run finds is kept apart from what a full run has shown.
const folder = new URL(given.quick ? '../results/quick.tmp/' : '../results/', import.meta.url);

async function machine() {
  const servers = {};
  for (const [name, database] of Object.entries(DATABASES))
    servers[name] = await database.about().catch(() => 'not there');
  const [{ model }] = cpus();
  return {
    cpu: `${cpus().length} × ${model.trim()}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    servers,
  };
}

/** Answers with the file for people. */
export async function writeResults(measured, thresholds) {
  mkdirSync(folder, { recursive: true });
  const file = new URL('results.json', folder);
  const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).groups : [];
  const all = new Map([...known, ...measured].map((group) => [group.name, group]));
  const groups = Object.keys(GROUPS).flatMap((name) => all.get(name) ?? []);
  const results = { at: new Date().toISOString(), machine: await machine(), groups };
  const judgements = judge(thresholds, groups);
  writeFileSync(file, `${JSON.stringify({ ...results, judgements }, null, 1)}\n`);
  const charts = chartsOf(groups);
  for (const { name, svg } of charts) writeFileSync(new URL(`${name}.svg`, folder), svg);
  const document = new URL('results.md', folder);
  writeFileSync(document, documentOf(results, judgements, charts));
  return document.pathname.replace(`${process.cwd()}/`, '');
}
