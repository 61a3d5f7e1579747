import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: ['log', 'warn', 'error'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }));
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? 3000);
const address = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`
  Try it:  curl ${address}/orders -H 'Content-Type: application/json' -d '{"email":"ada@example.com","total":30,"remindIn":"10s"}'
           curl ${address}/orders/1
           curl -X DELETE ${address}/orders/1
           curl ${address}/orders/newsletter -H 'Content-Type: application/json' -d '{"readers":100000}'
`);
