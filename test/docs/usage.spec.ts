import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Module, type Provider, type Type } from '@nestjs/common';
import * as pyncetteApi from 'nestjs-pyncette';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Launched, launch } from '../e2e/launch.js';
import { type Snippet, root, snippetsIn } from './documents.js';

/** These start whole processes, which `test/e2e/process.spec.ts` does. */
const isMain = ({ code }: Snippet): boolean => /\.listen\(|PyncetteFactory\.run\(/.test(code);

const snippets = snippetsIn('docs/usage.md')
  .filter((snippet) => !isMain(snippet))
  .map((snippet) => [snippet.line, snippet] as const);

// What `globals.d.ts` says that snippets take as given.

class Database {
  static connect = async (): Promise<Database> => new Database();
  query = async (): Promise<unknown> => [];
  close = async (): Promise<void> => undefined;
}

class ConfigService {
  get = (): string => 'on';
  getOrThrow = (): string => '*/5 * * * *';
}

class HelloDto {}
class Order {}

const manager = { update: async () => undefined };
const dataSource = { transaction: async <T>(work: (given: typeof manager) => Promise<T>) => work(manager) };

const support: Provider[] = [ConfigService, { provide: DataSource, useValue: dataSource }];

const given = {
  ...pyncetteApi,
  Inject,
  Injectable,
  Module,
  DataSource,
  Database,
  ConfigService,
  HelloDto,
  Order,
  dataSource,
  pages: ['one', 'two'],
  importPage: async () => undefined,
  importEverything: async () => undefined,
  histogram: { record: () => undefined },
  alert: () => undefined,
  fetch: async () => new Response(),
};

/** What some snippets ask about. */
class House {
  @pyncetteApi.Task({ schedule: '@daily' })
  daily(): void {}

  @pyncetteApi.DynamicTask()
  hello(): void {}
}

const ARGS = { username: 'ada', userId: '7', tenant: 'acme', orderId: 7 };

describe('Every snippet of the usage guide', () => {
  const before = process.cwd();
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pyncette-usage-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [name, value] of Object.entries(given)) vi.stubGlobal(name, value);
    vi.spyOn(console, 'log').mockReturnValue();
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(before);
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the snippet; answers the classes that it declares, modules left out. */
  async function classesOf({ line, code }: Snippet): Promise<Type[]> {
    const file = join(folder, `${line}.ts`);
    const hidden = [...code.matchAll(/^class (\w+)/gm)].map(([, name]) => name);
    writeFileSync(file, `${code}\nexport { ${hidden.join(', ')} };\n`);
    const exported = Object.values((await import(/* @vite-ignore */ file)) as Record<string, unknown>);
    return exported
      .filter((value): value is Type => typeof value === 'function')
      .filter((type) => !Reflect.hasMetadata('imports', type));
  }

  async function runTasksOf({ pyncette, clock, of }: Launched): Promise<void> {
    for (const { name, kind } of pyncette.tasks)
      if (kind !== 'static') await pyncette.scheduleTask(name, '7', { executeIn: '1s', args: ARGS });
    await clock.advance('1m');
    await clock.jump('25h');
    expect(of('task:failed').map(({ task, error }) => `${task}: ${String(error)}`)).toEqual([]);
    const started = new Set(of('task:started').map(({ task }) => task));
    const isPolled = ({ isEnabled, options }: pyncetteApi.TaskDescription): boolean =>
      isEnabled && options.partitions === null;
    expect([...started].sort()).toEqual(
      expect.arrayContaining(pyncette.tasks.filter(isPolled).map(({ name }) => name)),
    );
  }

  it.each(snippets)('docs/usage.md:%i runs', async (_line, snippet) => {
    const house = await launch([House]);
    vi.stubGlobal('pyncette', house.pyncette);
    const classes = await classesOf(snippet);
    if (classes.length > 0) await runTasksOf(await launch([...classes, ...support]));
  });
});
