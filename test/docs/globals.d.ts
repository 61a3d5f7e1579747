// What the snippets of the guides take as given.
import type * as pyncetteApi from 'nestjs-pyncette';
import type * as typeorm from 'typeorm';

declare global {
  const Task: typeof pyncetteApi.Task;
  const DynamicTask: typeof pyncetteApi.DynamicTask;
  const PartitionedTask: typeof pyncetteApi.PartitionedTask;
  const WithHeartbeat: typeof pyncetteApi.WithHeartbeat;
  const FailureMode: typeof pyncetteApi.FailureMode;
  const ExecutionMode: typeof pyncetteApi.ExecutionMode;
  const PyncetteModule: typeof pyncetteApi.PyncetteModule;
  const PyncetteService: typeof pyncetteApi.PyncetteService;
  type PyncetteService = pyncetteApi.PyncetteService;
  const TaskContext: typeof pyncetteApi.TaskContext;
  type TaskContext<Args extends object = Record<string, unknown>> = pyncetteApi.TaskContext<Args>;
  const Injectable: typeof import('@nestjs/common').Injectable;
  const Module: typeof import('@nestjs/common').Module;
  const DataSource: typeof typeorm.DataSource;
  type DataSource = typeorm.DataSource;

  const pyncette: pyncetteApi.PyncetteService;
  const dataSource: typeorm.DataSource;
  const app: import('@nestjs/common').INestApplication;

  /** As `@nestjs/config` has it. */
  class ConfigService {
    get(name: string): string | undefined;
    getOrThrow(name: string): string;
  }
  /** Whatever an application has. */
  class Database {
    static connect(): Promise<Database>;
    close(): Promise<void>;
    query(sql: string): Promise<unknown>;
  }
  class HelloDto {
    username: string;
  }
  class AppModule {}
  class AdminGuard {
    canActivate(): boolean;
  }
  class ReportTasks {
    hello(context: pyncetteApi.TaskContext<{ username: string }>): Promise<void>;
    digest(context: pyncetteApi.TaskContext<{ userId: string }>): Promise<void>;
  }
  class Order {
    id: number;
    email: string;
    remindedAt: Date | null;
  }
  const pages: readonly string[];
  const users: readonly { id: string; email: string }[];
  const histogram: { record(value: number): void };
  function importPage(page: string): Promise<void>;
  function importEverything(signal: AbortSignal): Promise<void>;
  function alert(message: string, error?: unknown): void;
}
