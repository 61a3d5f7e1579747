import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(root, 'dashboard');
const cache = join(root, 'node_modules', '.cache');

/** The folder of the built page: built when its sources have changed since it was built last. */
export async function builtPage(): Promise<string> {
  const folder = join(cache, `pyncette-dashboard-${Math.floor(latestChange(sources))}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, 'pyncette-dashboard-build-'));
  await build({ configFile: join(sources, 'vite.config.ts'), build: { outDir } });
  try {
    renameSync(outDir, folder);
  } catch {
    // Another test has built it meanwhile.
    rmSync(outDir, { recursive: true });
  }
  return folder;
}

function latestChange(folder: string): number {
  const changes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? latestChange(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...changes);
}
