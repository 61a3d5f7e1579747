// A process that executes and says so, until it is ended; its schedule is where its first argument says.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { obedientTasks } from './obedient-tasks.mjs';

const { PYNCETTE_BUILD, PYNCETTE_REPOSITORY } = process.env;
const { DynamicTask, PyncetteFactory, PyncetteModule, Task } = await import(PYNCETTE_BUILD);
const { typeOrmRepository, redisRepository } = await import(PYNCETTE_REPOSITORY);
const { options, pollInterval } = JSON.parse(process.argv[2]);

const Tasks = obedientTasks({ Task, DynamicTask }, (line) => process.stdout.write(`ran ${line}\n`));

class AppModule {}
Module({
  imports: [
    PyncetteModule.forRoot({ repository: (typeOrmRepository ?? redisRepository)(options), pollInterval }),
  ],
  providers: [Tasks],
})(AppModule);

await PyncetteFactory.run(AppModule, { logger: ['error', 'fatal'] });
