import { type ArgumentsHost, type NestInterceptor, Logger } from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator, type ModulesContainer } from '@nestjs/core';
import { ExternalExceptionFilterContext } from '@nestjs/core/exceptions/external-exception-filter-context.js';
import { GuardsConsumer } from '@nestjs/core/guards/guards-consumer.js';
import { GuardsContextCreator } from '@nestjs/core/guards/guards-context-creator.js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { NestContainer } from '@nestjs/core/injector/container.js';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { InterceptorsContextCreator } from '@nestjs/core/interceptors/interceptors-context-creator.js';
import { PipesConsumer } from '@nestjs/core/pipes/pipes-consumer.js';
import { PipesContextCreator } from '@nestjs/core/pipes/pipes-context-creator.js';
import { isObservable, lastValueFrom } from 'rxjs';
import { PYNCETTE_CONTEXT_TYPE } from './pyncette.constants.js';

/** Calls the handler; what is around each call of it. */
export type Around = (args: unknown[], handle: () => Promise<unknown>) => () => Promise<unknown>;

/** Which of the application's global enhancers apply, and whether guards run at all. */
export interface EnhancerScope {
  /** Where globals are registered; null: none of them applies. */
  readonly globals: ApplicationConfig | null;
  readonly guards: boolean;
}

/** The module's own interceptors, outermost, and something around each call of the handler. */
export class TaskInterceptors extends InterceptorsConsumer {
  constructor(
    private readonly outermost: (
      args: unknown[],
    ) => readonly NestInterceptor[] | Promise<readonly NestInterceptor[]>,
    private readonly around: Around,
  ) {
    super();
  }

  override intercept(...given: Parameters<InterceptorsConsumer['intercept']>): Promise<unknown> {
    const [interceptors, args, instance, callback, next, type] = given;
    const within = (outermost: readonly NestInterceptor[]): Promise<unknown> =>
      super.intercept(
        [...outermost, ...interceptors],
        args,
        instance,
        callback,
        this.around(args, next),
        type,
      );
    const outermost = this.outermost(args);
    return outermost instanceof Promise ? outermost.then(within) : within(outermost);
  }
}

/** Observables are awaited to their last value; one without any is a success too. */
export const awaited = (result: unknown): unknown =>
  isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;

/**
 * Makes of one method of one host what Nest makes of a route: guards, interceptors, pipes and parameters. Nest's own parts, but
 * with the module that holds the host known (Nest looks for it among providers only, and would miss controllers), and with the
 * application's globals only where they are wanted.
 */
export class TaskContextCreator extends ExternalContextCreator {
  private readonly filters: ExternalExceptionFilterContext;
  private readonly logger = new Logger('Pyncette');

  constructor(
    modules: ModulesContainer,
    private readonly moduleKey: string,
    interceptors: TaskInterceptors,
    private readonly scope: EnhancerScope,
  ) {
    // All that these ask of a container are its modules.
    const container = { getModules: () => modules } as unknown as NestContainer;
    const globals = scope.globals ?? undefined;
    const filters = new ExternalExceptionFilterContext(container, globals);
    super(
      new GuardsContextCreator(container, globals),
      new GuardsConsumer(),
      new InterceptorsContextCreator(container, globals),
      interceptors,
      modules,
      new PipesContextCreator(container, globals),
      new PipesConsumer(),
      filters,
    );
    this.filters = filters;
  }

  /** The method with everything around it but filters. */
  enhance(host: TaskHost): (...args: unknown[]) => Promise<unknown> {
    const { instance, key, method, contextId, inquirerId } = host;
    const options = { interceptors: true, guards: this.scope.guards, filters: false };
    return this.create(
      instance,
      method,
      key,
      ROUTE_ARGS,
      PARAMETERS,
      contextId,
      inquirerId,
      options,
      PYNCETTE_CONTEXT_TYPE,
    );
  }

  /** Filters observe: whatever one answers or throws, the execution has failed. */
  async observe({ instance, method, contextId, inquirerId }: TaskHost, error: unknown, args: unknown[]) {
    try {
      const handler = this.filters.create(
        instance,
        method as () => void,
        this.moduleKey,
        contextId,
        inquirerId,
      );
      await awaited(await handler.invokeCustomFilters(error, argumentsHost(instance, method, args)));
    } catch (failure) {
      if (failure !== error)
        this.logger.error('An exception filter failed', failure instanceof Error ? failure.stack : failure);
    }
  }

  override getContextModuleKey(): string {
    return this.moduleKey;
  }

  override async transformToResult(result: unknown): Promise<unknown> {
    return awaited(result);
  }
}

/** One method of one instance, and the context its scoped enhancers were made for. */
export interface TaskHost {
  readonly instance: object;
  readonly key: string;
  readonly method: (...args: unknown[]) => unknown;
  readonly contextId: HostContextId | undefined;
  readonly inquirerId: string | undefined;
}

type HostContextId = Parameters<ExternalContextCreator['create']>[5];

/** Nest's `ROUTE_ARGS_METADATA`. */
export const ROUTE_ARGS = '__routeArguments__';

/** `@TaskArgs()` is recorded as a body. */
const PARAMETERS = {
  exchangeKeyForValue(_type: number, data: unknown, [context]: { args: Record<string, unknown> }[]): unknown {
    return typeof data === 'string' ? context?.args[data] : context?.args;
  },
};

function argumentsHost(
  instance: object,
  method: (...args: unknown[]) => unknown,
  args: unknown[],
): ArgumentsHost {
  const host = new ExecutionContextHost(args, instance.constructor as never, method);
  host.setType(PYNCETTE_CONTEXT_TYPE);
  return host;
}
