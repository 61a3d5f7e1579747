// Installs the packed package beside other versions of its peers and runs `application.mjs` and `observed.mjs` there:
//   npm run test:compat              the lowest versions that the peer ranges name
//   npm run test:compat -- highest   the newest ones
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from './pack.mjs';

const SETS = {
  lowest: {
    '@nestjs/common': '11.0.0',
    '@nestjs/core': '11.0.0',
    '@nestjs/typeorm': '11.0.0',
    typeorm: '0.3.20',
    'reflect-metadata': '0.1.13',
    rxjs: '7.2.0',
    'better-sqlite3': '9.6.0',
    ioredis: '5.3.0',
    'prom-client': '15.0.0',
    '@opentelemetry/api': '1.4.0',
    '@nestjs/terminus': '11.0.0',
    '@nestjs/platform-express': '11.0.0',
  },
  highest: {
    '@nestjs/common': '12',
    '@nestjs/core': '12',
    '@nestjs/typeorm': '12',
    typeorm: '1',
    'reflect-metadata': '0.2',
    rxjs: '7',
    'better-sqlite3': '12',
    ioredis: '5',
    'prom-client': '15',
    '@opentelemetry/api': '1',
    '@nestjs/terminus': '12',
    '@nestjs/platform-express': '12',
  },
};

const [, , chosen = 'lowest'] = process.argv;
const versions = SETS[chosen];
if (versions === undefined) throw new Error(`There is no '${chosen}', only ${Object.keys(SETS).join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'pyncette-compat-'));
const run = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] }).toString();
try {
  const tarball = pack(folder);
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...versions, 'nestjs-pyncette': `file:${tarball}`, pg: '8', mysql2: '3' },
    allowScripts: { 'better-sqlite3': true },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  console.log(
    `Installing ${chosen}: ${Object.entries(versions)
      .map(([name, version]) => `${name}@${version}`)
      .join(' ')}`,
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--silent']);
  for (const script of ['application.mjs', 'observed.mjs']) {
    copyFileSync(new URL(`./${script}`, import.meta.url), join(folder, script));
    execFileSync(process.execPath, [script], { cwd: folder, stdio: 'inherit' });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
