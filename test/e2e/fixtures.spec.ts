import { Injectable, Module, type OnModuleInit, Scope, type Type } from '@nestjs/common';
import {
  Fixture,
  type FixtureProvider,
  InvalidTaskException,
  PyncetteService,
  Task,
  type TaskContext,
} from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { describe, expect, it } from 'vitest';
import { launch, refusal } from './launch.js';

let log: string[] = [];

@Injectable()
class Settings {
  readonly url = 'db://here';
}

@Fixture('db')
class DatabaseFixture implements FixtureProvider<{ url: string }> {
  constructor(private readonly settings: Settings) {}

  async setUp(app: PyncetteService): Promise<{ url: string }> {
    log.push(`db up, healthy: ${app.isHealthy()}`);
    return { url: this.settings.url };
  }

  async tearDown(db: { url: string }): Promise<void> {
    log.push(`${db.url} down`);
  }
}

@Fixture('cache')
class CacheFixture implements FixtureProvider<string> {
  setUp(): string {
    log.push('cache up');
    return 'cache';
  }

  tearDown(): Promise<void> {
    log.push('cache down');
    return Promise.reject(new Error('the cache is gone already'));
  }
}

@Injectable()
class Files {
  @Fixture('file')
  async *file(): AsyncGenerator<string> {
    log.push('file up');
    try {
      yield 'file';
    } finally {
      log.push('file down');
    }
  }
}

@Module({ providers: [Files] })
class FilesModule {}

@Injectable()
class Tasks {
  @Task({ interval: '1s' })
  async use(context: TaskContext): Promise<void> {
    const { db, cache, file } = context.fixtures;
    log.push(`used ${JSON.stringify([db, cache, file])}`);
  }

  @Fixture('own')
  async *own(): AsyncGenerator<number> {
    log.push('own up');
    yield 1;
    log.push('own down');
  }
}

@Fixture('broken')
class BrokenFixture implements FixtureProvider {
  setUp(): Promise<never> {
    return Promise.reject(new Error('no disk'));
  }
}

describe('Fixtures', () => {
  it('are set up in order, used, and torn down in reverse whatever fails', async () => {
    log = [];
    const { app, clock, logged } = await launch([Tasks, Settings, CacheFixture], {
      imports: [FilesModule],
      fixtures: [DatabaseFixture, CacheFixture],
    });
    await clock.advance('1s');
    await app.close();
    expect(log).toEqual([
      'db up, healthy: false',
      'cache up',
      'file up',
      'own up',
      'used [{"url":"db://here"},"cache","file"]',
      'own down',
      'file down',
      'cache down',
      'db://here down',
    ]);
    expect(logged).toContain("error: Tearing down fixture 'cache' failed");
  });

  it('that cannot be set up stop the start with their error, and what stood is torn down', async () => {
    log = [];
    const error = await refusal([Tasks, Settings], { fixtures: [DatabaseFixture, BrokenFixture] });
    expect(error.message).toBe('no disk');
    expect(log).toEqual(['db up, healthy: false', 'db://here down']);
  });

  it('do not stay when the start fails after them', async () => {
    log = [];
    const repository = typeOrmRepository({ dataSource: 'nowhere' });
    const error = await refusal([Tasks, Settings], { fixtures: [DatabaseFixture], repository });
    expect(error.message).toMatch(/no DataSource named 'nowhere'/);
    expect(log).toEqual(['db up, healthy: false', 'own up', 'own down', 'db://here down']);
  });

  it('keep their names from addToContext', async () => {
    const { pyncette } = await launch([Settings], { fixtures: [DatabaseFixture] });
    expect(() => pyncette.addToContext('db', 1)).toThrow(/a fixture has that name/);
  });

  it('stand before the first tick, also one that tick() makes by hand', async () => {
    log = [];
    const { pyncette, clock } = await launch([Tasks, Settings], {
      fixtures: [DatabaseFixture],
      autoStart: false,
    });
    expect(log).toEqual([]);
    await pyncette.tick();
    expect(log).toEqual(['db up, healthy: false', 'own up']);
    await clock.advance('1s');
    await pyncette.tick();
    await clock.advance(0);
    expect(log.at(-1)).toMatch(/^used/);
  });

  it('that are discovered follow the modules they are in, whatever their form', async () => {
    log = [];
    @Fixture('deep')
    class Deep implements FixtureProvider<string> {
      setUp(): string {
        log.push('deep up');
        return 'deep';
      }
    }
    @Module({ providers: [Deep, Files] })
    class DeepModule {}
    await launch([CacheFixture, Tasks], { imports: [DeepModule] });
    expect(log).toEqual(['deep up', 'file up', 'cache up', 'own up']);
  });

  it('and addToContext() in an onModuleInit must not share a name', async () => {
    @Injectable()
    class Early implements OnModuleInit {
      constructor(private readonly pyncette: PyncetteService) {}
      onModuleInit(): void {
        this.pyncette.addToContext('cache', 1);
      }
    }
    const error = await refusal([CacheFixture, Early]);
    expect(error.message).toMatch(/'cache' was added to the context, and a fixture has that name/);
  });
});

describe('A fixture without setUp()', () => {
  class Empty {}
  class Asked {}
  @Fixture('lost')
  class Lost {
    async tearDown(): Promise<void> {}
  }
  const unsound = (...classes: Type[]) => classes as Type<FixtureProvider>[];

  it('is a problem of the configuration, with everything else that is wrong', async () => {
    log = [];
    const error = await refusal([Tasks, Settings, Lost, Asked], {
      fixtures: [DatabaseFixture, ...unsound(Empty, Asked)],
      batchSize: 0,
    });
    expect(error).toBeInstanceOf(InvalidTaskException);
    expect((error as InvalidTaskException).problems).toEqual([
      expect.stringContaining('batchSize is 0'),
      expect.stringMatching(/^Fixture 'Empty' \(Empty\) has no setUp\(\): give it a method setUp\(app\)/),
      expect.stringMatching(/^Fixture 'Asked' \(Asked\) has no setUp\(\)/),
      expect.stringMatching(/^Fixture 'lost' \(Lost\) has no setUp\(\)/),
    ]);
    expect(log).toEqual([]);
  });

  it('is refused at its set-up where it cannot be known before, and so is a method that is no generator', async () => {
    class Wishful {
      readonly setUp = undefined;
    }
    class NoGenerator {
      @Fixture('plain')
      plain(): number {
        return 1;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class Elsewhere {}
    for (const [providers, fixtures, message] of [
      [[], unsound(Wishful), /^Fixture 'Wishful' \(Wishful\) has no setUp\(\)/],
      [[Elsewhere], unsound(Elsewhere), /^Fixture 'Elsewhere' \(Elsewhere\) has no setUp\(\)/],
      [[NoGenerator], [], /^Fixture 'plain' \(NoGenerator\.plain\) has to be an async generator/],
    ] as const) {
      const error = await refusal([...providers], { fixtures });
      expect(error).toBeInstanceOf(InvalidTaskException);
      expect(error.message).toMatch(message);
    }
  });

  it('is none where setUp() is a field, of a base class too, or that of what is provided in its place', async () => {
    log = [];
    abstract class Base {
      readonly setUp = (): void => void log.push(`${this.constructor.name} up`);
    }
    class Derived extends Base {}
    abstract class Token implements FixtureProvider {
      abstract setUp(): void;
    }
    class Real extends Derived {}
    const token = { provide: Token, useClass: Real };
    await launch([token], { fixtures: [Derived, ...unsound(Token as never)] });
    expect(log).toEqual(['Derived up', 'Real up']);
  });
});
