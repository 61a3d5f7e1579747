// Which groups are measured, and what is said about those that are not.
import { hasPeers } from '../contenders/index.mjs';
import { DATABASES } from '../databases/index.mjs';
import { given } from './arguments.mjs';
import { GROUPS } from './groups.mjs';
import { rowsOf } from './tasks.mjs';

/** `--only million` means all whose names begin so. */
function isChosen(name) {
  return given.only.length === 0 || given.only.some((only) => name === only || name.startsWith(`${only} `));
}

/** Where a server does not answer its rows are left out; PYNCETTE_REQUIRE_ALL=1 makes that an error. */
async function unreachable(groups) {
  const servers = new Set(
    groups.flatMap(([, group]) => (group.rows ? rowsOf(group) : []).map(({ server }) => server)),
  );
  const missing = [];
  for (const server of servers) if (!(await DATABASES[server].isThere())) missing.push(server);
  if (missing.length > 0 && process.env.PYNCETTE_REQUIRE_ALL === '1')
    throw new Error(`Nothing answers: ${missing.join(', ')}`);
  return new Set(missing);
}

function without(missing, group) {
  if (group.rows === undefined) return group;
  const isThere = ({ server }) => !missing.has(server);
  return { ...group, rows: rowsOf(group).filter(isThere), thorough: [] };
}

export async function chosenGroups() {
  const chosen = Object.entries(GROUPS)
    .filter(([name]) => isChosen(name))
    .filter(([, { isPeer = false }]) => hasPeers || !isPeer);
  if (chosen.length === 0)
    throw new Error(`--only ${given.only.join(', ')}: the groups are ${Object.keys(GROUPS).join(', ')}`);
  const missing = await unreachable(chosen);
  const groups = chosen
    .map(([name, group]) => [name, without(missing, group)])
    .filter(([, { rows, script }]) => script !== undefined || rows.length > 0);
  const skipped = [...missing].map((server) => `SKIPPED: nothing answers for ${server}`);
  const oddities = missing.has('PostgreSQL') ? [] : await DATABASES.PostgreSQL.oddities();
  return { groups, warnings: [...skipped, ...oddities.map((oddity) => `WARNING: ${oddity}`)] };
}
