import { PyncetteException } from '../core/errors.js';

const CONTEXT_MEMBERS = [
  'app',
  'task',
  'scheduledAt',
  'args',
  'attempt',
  'missed',
  'manager',
  'executionId',
  'signal',
  'heartbeat',
  'fixtures',
  'get',
];

/** Thrown by `addToContext`. */
class ContextNameException extends PyncetteException {
  readonly code = 'PYNCETTE_CONTEXT_NAME';
}

/** What an application has added to the context of every execution. */
export class ContextValues {
  private readonly values = new Map<string, unknown>();

  get(name: string): unknown {
    return this.values.get(name);
  }

  /** Names that fixtures have too, which were not known when they were added. */
  collisions(fixtures: readonly string[]): string[] {
    return fixtures
      .filter((name) => this.values.has(name))
      .map(
        (name) =>
          `'${name}' was added to the context, and a fixture has that name: choose another for one of them`,
      );
  }

  /** @throws PyncetteException when the name is taken, by the context itself, a fixture, or an earlier call */
  add(name: string, value: unknown, fixtures: readonly string[]): void {
    const refuse = (why: string): never => {
      throw new ContextNameException(`'${name}' cannot be added to the context: ${why}; choose another name`);
    };
    if (CONTEXT_MEMBERS.includes(name)) refuse('the context has a member of that name');
    if (fixtures.includes(name)) refuse('a fixture has that name');
    if (this.values.has(name)) refuse('it was added before');
    this.values.set(name, value);
  }
}
