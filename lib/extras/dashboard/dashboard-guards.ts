import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ContextIdFactory, ModuleRef, ModulesContainer } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { DashboardGuardLike } from './dashboard-options.js';
import type { DashboardSettings } from './dashboard-settings.js';
import { DASHBOARD_SETTINGS } from './dashboard.constants.js';

type FindGuard = (request: unknown) => CanActivate | Promise<CanActivate>;

/** The guards of the options, each found where the application has it. */
@Injectable()
export class DashboardGuards implements OnModuleInit {
  private finders: readonly FindGuard[] = [];

  constructor(
    @Inject(DASHBOARD_SETTINGS) private readonly settings: DashboardSettings,
    @Inject(ModulesContainer) private readonly container: ModulesContainer,
    @Inject(ModuleRef) private readonly ownRef: ModuleRef,
  ) {}

  /** A guard that cannot be made ends the start. */
  async onModuleInit(): Promise<void> {
    this.finders = await Promise.all(this.settings.guards.map((guard) => this.finderOf(guard)));
  }

  /** Whether all of them agree, asked one after the other. */
  async allow(context: ExecutionContext): Promise<boolean> {
    if (this.finders.length !== this.settings.guards.length) return false;
    for (const find of this.finders) {
      const guard = await find(context.switchToHttp().getRequest());
      const answer = guard.canActivate(context);
      if (!(await (isObservable(answer) ? lastValueFrom(answer) : answer))) return false;
    }
    return true;
  }

  private async finderOf(guard: DashboardGuardLike): Promise<FindGuard> {
    if (typeof guard !== 'function') return () => guard;
    const owner = [...this.container.values()].find(({ providers }) => providers.has(guard));
    const wrapper = owner?.providers.get(guard);
    if (wrapper === undefined) {
      const created = await this.refOf(this.importer()).create(guard);
      return () => created;
    }
    const ref = this.refOf(owner);
    if (!wrapper.isDependencyTreeStatic()) return (request) => perRequest(ref, guard, request);
    return () => ref.get<CanActivate>(guard, { strict: true });
  }

  /** The module that imports the dashboard. */
  private importer(): Module | undefined {
    const modules = [...this.container.values()];
    const own = modules.find(({ providers }) => providers.get(DashboardGuards)?.instance === this);
    return modules.find(({ imports }) => own !== undefined && imports.has(own));
  }

  private refOf(module: Module | undefined): ModuleRef {
    const instance: unknown = module?.providers.get(ModuleRef)?.instance;
    return instance instanceof ModuleRef ? instance : this.ownRef;
  }
}

type Module = NonNullable<ReturnType<ModulesContainer['get']>>;

function perRequest(ref: ModuleRef, guard: Type<CanActivate>, request: unknown): Promise<CanActivate> {
  const id = ContextIdFactory.getByRequest(request as object);
  ref.registerRequestByContextId(request, id);
  return ref.resolve(guard, id, { strict: true });
}
