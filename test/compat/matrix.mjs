// One small application, as users have theirs: the packed package beside other versions, module systems, builders, HTTP adapters,
// test runners and Nodes.
//   npm run test:matrix                 everything
//   npm run test:matrix -- oldest       one application; also: newest
//   npm run test:matrix -- ends         the two ends only: oldest with tsc, Express, Node 20; newest with SWC, Fastify, Node 24
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from './pack.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const url = process.env['DATABASE_URL'] ?? 'postgres://postgres:postgres@127.0.0.1:5432/postgres';

/** Lowest and highest versions; CommonJS and ESM. Each is built by tsc and by SWC, and served by Express and by Fastify. */
const APPLICATIONS = {
  oldest: {
    title: 'Nest 11, TypeORM 0.3, CommonJS, Jest',
    type: 'commonjs',
    dependencies: {
      '@nestjs/common': '11.0.0',
      '@nestjs/core': '11.0.0',
      '@nestjs/platform-express': '11.0.0',
      '@nestjs/platform-fastify': '11.0.3',
      '@nestjs/testing': '11.0.0',
      '@nestjs/typeorm': '11.0.0',
      typeorm: '0.3.20',
      'reflect-metadata': '0.1.13',
      rxjs: '7.2.0',
      '@nestjs/cli': '11',
      typescript: '5.9',
      jest: '30',
      'ts-jest': '29',
      '@types/jest': '30',
    },
    // Jest loads packages that are ESM only from this Node on, and with this flag.
    test: ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'],
    testsNode: '24',
    end: { http: 'express', builder: 'tsc', version: '20' },
  },
  newest: {
    title: 'Nest 12, TypeORM 1, ESM, Vitest',
    type: 'module',
    dependencies: {
      '@nestjs/common': '12',
      '@nestjs/core': '12',
      '@nestjs/platform-express': '12',
      '@nestjs/platform-fastify': '12',
      '@nestjs/testing': '12',
      '@nestjs/typeorm': '12',
      typeorm: '1',
      'reflect-metadata': '0.2',
      rxjs: '7',
      '@nestjs/cli': '12',
      typescript: '5.9',
      vitest: '4',
      vite: '8',
    },
    test: ['node_modules/vitest/vitest.mjs', 'run'],
    testsNode: null,
    end: { http: 'fastify', builder: 'swc', version: '24' },
  },
};

const COMMON = {
  '@swc/cli': '0.8',
  '@swc/core': '1',
  '@types/node': '20',
  'class-transformer': '0.5',
  'class-validator': '0.14',
  pg: '8',
  node22: 'npm:node@22',
  node24: 'npm:node@24',
};

const [, , wanted] = process.argv;
const isEnds = wanted === 'ends';
const names = Object.keys(APPLICATIONS).filter((name) => wanted === undefined || isEnds || wanted === name);
if (names.length === 0)
  throw new Error(`There is no '${wanted}', only ${Object.keys(APPLICATIONS).join(', ')}`);
for (const name of names) application(name, APPLICATIONS[name]);

function application(name, { title, type, dependencies, test, testsNode, end }) {
  console.log(`\n${name}: ${title}`);
  const folder = mkdtempSync(join(tmpdir(), 'pyncette-matrix-'));
  try {
    cpSync(join(here, 'app'), folder, { recursive: true });
    writeFileSync(join(folder, 'src', 'readme.ts'), firstExample());
    configure(folder, type, { ...dependencies, ...COMMON, 'nestjs-pyncette': `file:${pack(folder)}` });
    run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
    const nodes = isEnds ? [end.version] : ['20', '22', '24'];
    for (const http of isEnds ? [end.http] : ['express', 'fastify'])
      for (const builder of isEnds ? [end.builder] : ['tsc', 'swc']) build(folder, { http, builder, nodes });
    const node = testsNode === null ? process.execPath : nodeOf(folder, testsNode);
    run(folder, node, test);
    console.log(`  tests pass with ${title.split(', ').at(-1)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds as `nest build` does, and runs what came out on every Node. */
function build(folder, { http, builder, nodes }) {
  copyFileSync(join(folder, 'src', `adapter.${http}.ts`), join(folder, 'src', 'adapter.ts'));
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  run(folder, process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', '--builder', builder]);
  // tsc puts it beside its sources' root, the command line of SWC below it.
  const main = ['dist/main.js', 'dist/src/main.js'].find((file) => existsSync(join(folder, file)));
  const readme = run(folder, process.execPath, [main.replace('main.js', 'readme-main.js')]);
  if (!readme.includes('runs: daily at ReportTasks.daily')) throw new Error(`unexpected: ${readme}`);
  console.log(`  ${builder}: ${readme.trim().split('\n').at(-1)}`);
  for (const version of nodes) {
    const node = version === '20' ? process.execPath : nodeOf(folder, version);
    for (const database of [undefined, url]) {
      const said = run(folder, node, [main], database === undefined ? {} : { DATABASE_URL: database });
      const store = database === undefined ? 'memory' : 'PostgreSQL';
      if (!said.includes('greeted ada hello:ada')) throw new Error(`unexpected: ${said}`);
      console.log(`  ${builder}, ${http}, Node ${version}, ${store}: ${said.trim().split('\n').at(-1)}`);
    }
  }
}

/** The first block of code in the README. */
function firstExample() {
  const text = readFileSync(join(here, '../../README.md'), 'utf8');
  return /```ts\n([\s\S]*?)\n```/.exec(text)[1];
}

function configure(folder, type, dependencies) {
  const write = (file, content) => writeFileSync(join(folder, file), JSON.stringify(content, null, 2));
  write('package.json', { private: true, type, dependencies });
  write('nest-cli.json', { sourceRoot: 'src' });
  write('tsconfig.json', {
    compilerOptions: {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      esModuleInterop: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      isolatedModules: true,
      skipLibCheck: true,
      outDir: 'dist',
      rootDir: 'src',
      types: ['node'],
    },
    include: ['src'],
  });
  write('.swcrc', {
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2022',
      keepClassNames: true,
    },
    module: { type: type === 'module' ? 'es6' : 'commonjs' },
  });
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } }, test: { globals: true, include: ['test/*.test.ts'] } };`,
  );
  writeFileSync(
    join(folder, 'jest.config.cjs'),
    `module.exports = { testEnvironment: 'node', rootDir: '.', testRegex: 'test/.*test.ts$', moduleNameMapper: { '^(\\\\.{1,2}/.*)\\\\.js$': '$1' },
      transform: { '^.+\\\\.ts$': ['ts-jest', { diagnostics: false, tsconfig: { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '5.0', target: 'es2022', esModuleInterop: true, experimentalDecorators: true, emitDecoratorMetadata: true, isolatedModules: true } }] } };`,
  );
}

function nodeOf(folder, version) {
  return join(folder, 'node_modules', `node${version}`, 'bin', 'node');
}

function run(cwd, command, args, env = {}) {
  try {
    return execFileSync(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' }).toString();
  } catch (error) {
    console.error(`${command} ${args.join(' ')} failed:
${error.stdout}
${error.stderr}`);
    for (const shown of ['output', 'stdout', 'stderr']) delete error[shown];
    throw error;
  }
}
