import { Inject, Injectable, Logger, type Type } from '@nestjs/common';
import { InvalidTaskException } from '../core/errors.js';
import { stackOf } from '../core/text-of.js';
import { isFixture, lacksSetUp, mayHaveSetUp } from './fixture-classes.js';
import { HostModules } from './host-modules.js';
import type { FixtureProvider, PyncetteFixtures } from './interfaces/fixtures.js';
import { type FoundMethod, fixtureName } from './pyncette.explorer.js';
import type { PyncetteService } from './pyncette.service.js';

/** A fixture that can be set up. */
interface FixtureSource {
  readonly name: string;
  /** Where it is declared. */
  readonly declaredAt: string;
  /** What is wrong with it, as far as that is known before it is set up. */
  readonly problem: string | null;
  setUp(app: PyncetteService): Promise<{ value: unknown; tearDown(): Promise<void> }>;
}

/** Sets fixtures up in order, and tears them down in reverse. */
@Injectable()
export class Fixtures {
  readonly values: Record<string, unknown> = {};
  private readonly logger = new Logger('Pyncette');
  private readonly sources: FixtureSource[] = [];
  private readonly standing: { name: string; tearDown(): Promise<void> }[] = [];

  constructor(@Inject(HostModules) private readonly modules: HostModules) {}

  get names(): readonly string[] {
    return this.sources.map(({ name }) => name);
  }

  /** Collects them: the module's own first, then those found. Answers what is wrong. */
  collect(own: readonly Type<FixtureProvider>[], methods: readonly FoundMethod[]): string[] {
    for (const type of own) this.sources.push(this.ofClass(type));
    for (const module of this.modules.inDependencyOrder())
      for (const { metatype } of [...module.providers.values(), ...module.controllers.values()])
        if (typeof metatype === 'function')
          this.discover(
            metatype as Type<FixtureProvider>,
            own,
            methods.filter((method) => method.module === module && method.type === metatype),
          );
    return [
      ...this.sources.map(({ problem }) => problem).filter((problem) => problem !== null),
      ...this.duplicates(),
    ];
  }

  /** A class that is a fixture, then those that its methods make, as declared. */
  private discover(
    type: Type<FixtureProvider>,
    own: readonly Type<FixtureProvider>[],
    methods: readonly FoundMethod[],
  ): void {
    if (fixtureName(type) !== null && !own.includes(type)) this.sources.push(this.ofClass(type));
    for (const method of methods) {
      const name = fixtureName(method.prototype, method.key);
      if (name !== null) this.sources.push(ofGenerator(name, method));
    }
  }

  /** What throws here is thrown after tearing down what was set up before it. */
  async setUp(app: PyncetteService): Promise<PyncetteFixtures> {
    try {
      for (const source of this.sources) {
        const { value, tearDown } = await source.setUp(app);
        this.values[source.name] = value;
        this.standing.push({ name: source.name, tearDown });
      }
    } catch (error) {
      await this.tearDown();
      throw error;
    }
    return this.values;
  }

  async tearDown(): Promise<void> {
    for (let last = this.standing.pop(); last !== undefined; last = this.standing.pop()) {
      const { name, tearDown } = last;
      await tearDown().catch((error: unknown) =>
        this.logger.error(`Tearing down fixture '${name}' failed`, stackOf(error)),
      );
    }
  }

  private ofClass(type: Type<FixtureProvider>): FixtureSource {
    const name = fixtureName(type) ?? type.name;
    return {
      name,
      declaredAt: type.name,
      problem: this.canBeSetUp(type) ? null : lacksSetUp(name, type),
      setUp: async (app) => {
        const fixture: unknown = await this.modules.provide(type);
        if (!isFixture(fixture)) throw new InvalidTaskException([lacksSetUp(name, type)]);
        const value = await fixture.setUp(app);
        return { value, tearDown: async () => fixture.tearDown?.(value) };
      },
    };
  }

  private duplicates(): string[] {
    const twice = new Set(this.names.filter((name, index) => this.names.indexOf(name) !== index));
    return [...twice].map((name) => {
      const places = this.sources.filter((one) => one.name === name).map(({ declaredAt }) => declaredAt);
      return `Fixture '${name}' is declared more than once, at ${places.join(' and at ')}: give each a name of its own`;
    });
  }

  /** What is provided under its token decides, else the class itself; what cannot be known yet is seen at the set-up. */
  private canBeSetUp(type: Type<FixtureProvider>): boolean {
    const provided = this.modules.find(type);
    if (provided !== undefined) return isFixture(provided);
    return this.modules.isProvided(type) || mayHaveSetUp(type);
  }
}

function ofGenerator(name: string, method: FoundMethod): FixtureSource {
  return {
    name,
    declaredAt: `${method.type.name}.${method.key}`,
    problem: null,
    setUp: async (app) => {
      const { instance, method: generate } = await method.host(null);
      const generator: unknown = generate.call(instance, app);
      if (!isGenerator(generator))
        throw new InvalidTaskException([
          `Fixture '${name}' (${method.type.name}.${method.key}) has to be an async generator`,
        ]);
      const { value } = await generator.next();
      return { value, tearDown: async () => void (await generator.next()) };
    },
  };
}

const isGenerator = (value: unknown): value is AsyncGenerator =>
  typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
