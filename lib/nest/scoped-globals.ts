import { Scope } from '@nestjs/common';
import { type ApplicationConfig, ContextIdFactory } from '@nestjs/core';
import type { HostModules } from './host-modules.js';
import type { TaskHost } from './task-context-creator.js';

type Wrapper = Pick<
  ReturnType<ApplicationConfig['getGlobalRequestInterceptors']>[number],
  'scope' | 'host' | 'token'
>;

/** The application's request-scoped global enhancers: Nest looks for them in the context of a call, in which somebody has to make them. */
export class ScopedGlobals {
  private readonly wrappers: readonly Wrapper[];

  constructor(
    private readonly modules: HostModules,
    globals: ApplicationConfig,
    hasGuards: boolean,
  ) {
    this.wrappers = [
      ...globals.getGlobalRequestInterceptors(),
      ...globals.getGlobalRequestPipes(),
      ...globals.getGlobalRequestFilters(),
      ...(hasGuards ? globals.getGlobalRequestGuards() : []),
    ].filter(({ scope }) => scope === Scope.REQUEST);
  }

  get areThere(): boolean {
    return this.wrappers.length > 0;
  }

  /** The host in a context in which they are made, for one execution. */
  async around(host: TaskHost, context: object): Promise<TaskHost> {
    const contextId = host.contextId ?? ContextIdFactory.create();
    await Promise.all(
      this.wrappers.map(({ host: module, token }) => {
        const ref = this.modules.refOf(module);
        if (host.contextId === undefined) ref.registerRequestByContextId(context, contextId);
        return ref.resolve(token, contextId, { strict: true });
      }),
    );
    return { ...host, contextId };
  }
}
