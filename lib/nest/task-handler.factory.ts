import { Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Execution } from '../engine/execution.js';
import { HostModules } from './host-modules.js';
import type { PyncetteModuleOptions } from './interfaces/module-options.js';
import { PYNCETTE_CONTEXT_TYPE } from './pyncette.constants.js';
import type { FoundMethod } from './pyncette.explorer.js';
import { type SharedContext, TaskContext } from './task-context.js';

/** Makes of a found method what the engine runs: its context, the interceptors around it, what it answers awaited. */
@Injectable()
export class TaskHandlerFactory {
  private readonly consumer = new InterceptorsConsumer();
  private interceptors: readonly NestInterceptor[] = [];

  constructor(@Inject(HostModules) private readonly modules: HostModules) {}

  /** Resolves the module's interceptors, in their order. */
  async resolve(interceptors: PyncetteModuleOptions['interceptors'] = []): Promise<void> {
    this.interceptors = await Promise.all(
      interceptors.map((given) => (typeof given === 'function' ? this.modules.provide(given) : given)),
    );
  }

  create(found: FoundMethod, shared: SharedContext): (execution: Execution) => Promise<unknown> {
    return async (execution) => {
      const context = new TaskContext(execution, shared);
      const target = await found.target(context);
      const method: unknown = Reflect.get(target, found.key);
      if (typeof method !== 'function') throw new TypeError(`${found.type.name}.${found.key} is no method`);
      const call = async (): Promise<unknown> => awaited(await method.call(target, context));
      // In a transaction each call of the handler can be undone alone: an interceptor that tries again finds nothing half done.
      const { transaction } = execution;
      const handle = transaction === null ? call : () => transaction.savepoint(call);
      if (this.interceptors.length === 0) return handle();
      const result = await this.consumer.intercept(
        [...this.interceptors],
        [context],
        target,
        method as () => unknown,
        handle,
        PYNCETTE_CONTEXT_TYPE,
      );
      return awaited(result);
    };
  }
}

/** Observables are awaited to their last value; one without any is a success too. */
async function awaited(result: unknown): Promise<unknown> {
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
