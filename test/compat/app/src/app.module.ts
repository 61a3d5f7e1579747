import { Controller, Get, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { PyncetteModule } from 'nestjs-pyncette';
import { typeOrmRepository } from 'nestjs-pyncette/typeorm';
import { HelloTasks } from './hello.tasks.js';
import { ReportTasks } from './report.tasks.js';

@Controller()
class HelloController {
  constructor(private readonly tasks: HelloTasks) {}

  @Get()
  async hello(): Promise<{ greeted: readonly string[] }> {
    await this.tasks.greet('ada');
    return { greeted: this.tasks.greeted };
  }
}

const url = process.env['DATABASE_URL'];

@Module({
  imports:
    url === undefined
      ? [PyncetteModule.forRoot()]
      : [
          TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true }),
          PyncetteModule.forRoot({ repository: typeOrmRepository() }),
        ],
  controllers: [HelloController],
  providers: [ReportTasks, HelloTasks],
})
export class AppModule {}
