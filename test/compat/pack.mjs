import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs the package as it would be published; answers the tarball. */
export function pack(folder) {
  const args = ['pack', '--json', '--silent', '--pack-destination', folder];
  const said = execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }).toString();
  const packed = JSON.parse(said.slice(said.search(/[[{]/)));
  return join(folder, [packed].flat()[0]?.filename ?? Object.values(packed)[0].filename);
}
