import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import { PYNCETTE_CLOCK, PYNCETTE_REPOSITORY, PyncetteService, memoryRepository } from 'nestjs-pyncette';
import { TestClock, expectScheduled } from 'nestjs-pyncette/testing';
import { AppModule } from '../src/app.module.js';
import { HelloTasks } from '../src/hello.tasks.js';

describe('The application', () => {
  it('greets when it is time', async () => {
    const clock = new TestClock('2026-01-01T00:00:00Z');
    const module = await Test.createTestingModule({ imports: [AppModule] })
      .overrideProvider(PYNCETTE_REPOSITORY)
      .useValue(memoryRepository())
      .overrideProvider(PYNCETTE_CLOCK)
      .useValue(clock)
      .compile();
    await module.init();
    const tasks = module.get(HelloTasks);
    await tasks.greet('bill');
    await expectScheduled(module.get(PyncetteService), 'hello', 'bill').at('2026-01-01T00:00:00.100Z');
    await clock.advance('1s');
    expect(tasks.greeted).toEqual(['bill hello:bill']);
    await module.close();
  });
});
