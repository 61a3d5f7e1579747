import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const lib = fileURLToPath(new URL('../lib', import.meta.url));

/** The ground plan of docs/architecture.md: which room may know which rooms, and which packages. */
const PLAN: Record<string, { rooms: readonly string[]; packages: readonly RegExp[] }> = {
  core: {
    rooms: ['core'],
    packages: [/^cron-parser$/, /^luxon$/, /^ms$/, /^fastest-levenshtein$/, /^node:/],
  },
  storage: { rooms: ['storage', 'core'], packages: [/^typeorm$/, /^ioredis$/, /^node:/] },
  engine: { rooms: ['engine', 'core'], packages: [/^node:/] },
  nest: {
    rooms: ['nest', 'engine', 'storage', 'core'],
    packages: [/^@nestjs\/(common|core)(\/|$)/, /^rxjs(\/|$)/, /^reflect-metadata$/, /^luxon$/, /^node:/],
  },
  typeorm: {
    rooms: ['typeorm', 'storage', 'nest', 'core'],
    packages: [/^@nestjs\/typeorm$/, /^typeorm$/],
  },
  redis: { rooms: ['redis', 'storage', 'core'], packages: [/^ioredis$/] },
  testing: { rooms: ['testing', 'nest', 'engine', 'core'], packages: [/^luxon$/, /^node:/] },
  'extras/prometheus': {
    rooms: ['extras/prometheus', 'nest', 'engine', 'core'],
    packages: [/^prom-client$/, /^@nestjs\/(common|core)$/, /^rxjs$/],
  },
  'extras/opentelemetry': {
    rooms: ['extras/opentelemetry', 'nest', 'engine', 'core'],
    packages: [/^@opentelemetry\/api$/, /^@nestjs\/common$/],
  },
  'extras/terminus': {
    rooms: ['extras/terminus', 'nest', 'core'],
    packages: [/^@nestjs\/(common|terminus)$/],
  },
  cli: {
    rooms: ['cli', 'engine', 'storage', 'typeorm', 'redis', 'core'],
    packages: [/^luxon$/, /^typeorm$/, /^node:/],
  },
  'extras/dashboard': {
    rooms: ['extras/dashboard', 'nest', 'engine', 'core'],
    packages: [/^@nestjs\/(common|core)$/, /^rxjs$/, /^luxon$/, /^node:/],
  },
  'index.ts': { rooms: ['core', 'storage', 'engine', 'nest'], packages: [] },
};

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sourceFiles(path) : path.endsWith('.ts') ? [path] : [];
  });
}

/** The folder; each of the extras is a room of its own, for each has a peer of its own. */
function roomOf(path: string): string {
  const folders = relative(lib, path).split('/');
  return folders.slice(0, folders[0] === 'extras' ? 2 : 1).join('/');
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map(([, plain, dynamic]) => ({
    file: relative(lib, file),
    room: roomOf(file),
    specifier: plain ?? dynamic ?? '',
  }));
}

function isAllowed({ file, room, specifier }: Import): boolean {
  const plan = PLAN[room];
  if (plan === undefined) return false;
  if (!specifier.startsWith('.')) return plan.packages.some((allowed) => allowed.test(specifier));
  return plan.rooms.includes(roomOf(resolve(lib, dirname(file), specifier)));
}

const files = sourceFiles(lib);
const imports = files.flatMap(importsOf);

describe('The house', () => {
  it('has only the rooms of the plan', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => PLAN[room] === undefined)).toEqual([]);
  });

  it('has only the arrows of the plan', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter((found) => !isAllowed(found))).toEqual([]);
  });

  it('has each driver in one store and its entry; SQL also where the command line connects', () => {
    const knowers = (driver: string) =>
      new Set(imports.filter(({ specifier }) => specifier === driver).map(({ file }) => dirname(file)));
    expect([...knowers('ioredis')].sort()).toEqual(['redis', 'storage/redis']);
    expect(
      [...knowers('typeorm')].filter((folder) => !/^(storage\/)?typeorm(\/|$)|^cli$/.test(folder)),
    ).toEqual([]);
  });

  it('notices an arrow that the plan does not have', () => {
    expect(
      isAllowed({ file: 'engine/x.ts', room: 'engine', specifier: '../storage/memory.repository.js' }),
    ).toBe(false);
    expect(isAllowed({ file: 'storage/x.ts', room: 'storage', specifier: '@nestjs/common' })).toBe(false);
    expect(isAllowed({ file: 'engine/x.ts', room: 'engine', specifier: '../core/clock.js' })).toBe(true);
  });

  it('is entered by nobody through its own front door', () => {
    const insiders = imports.filter(
      ({ specifier, file }) => /(^|\/)index\.js$/.test(specifier) && file !== 'index.ts',
    );
    expect(insiders).toEqual([]);
  });

  it('reads the machine’s time in clock.ts only', () => {
    const ambient =
      /\bDate\.now\(|\bnew Date\(\)|DateTime\.(now|utc|local)\(\)|\bperformance\.now\(|\bset(Timeout|Interval)\(/;
    const offenders = files
      .filter((file) => ambient.test(readFileSync(file, 'utf8')))
      .map((file) => relative(lib, file));
    expect(offenders.filter((file) => !file.startsWith('testing/'))).toEqual(['core/clock.ts']);
  });

  it('keeps no state in modules or statics', () => {
    const offenders = files.filter((file) =>
      /^(export )?let |^\s+(private |protected |public )?static (?!readonly)(?!async )\w+\s*[:=]/m.test(
        readFileSync(file, 'utf8'),
      ),
    );
    expect(offenders.map((file) => relative(lib, file))).toEqual([]);
  });

  it('has no silent any', () => {
    const offenders = files.filter((file) =>
      /:\s*any\b|\bas any\b|<any>/.test(readFileSync(file, 'utf8').replaceAll(/\/\/.*|\/\*[^]*?\*\//g, '')),
    );
    expect(offenders.map((file) => relative(lib, file))).toEqual([]);
  });
});
