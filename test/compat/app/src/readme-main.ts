import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { PyncetteService } from 'nestjs-pyncette';
// The first example of the README, as it stands there.
import { AppModule } from './readme.js';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error', 'fatal'] });
  const [task] = app.get(PyncetteService).tasks;
  await app.close();
  console.log(`the README's first example runs: ${task?.name} at ${task?.declaredAt}`);
}

void main();
