import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
// Ctrl-C lets what is executing finish, and ends with exit code 0.
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? 3000);

const address = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`
  Try it:  curl -X POST '${address}/greetings/ada?every=3s'      greet Ada every three seconds
           curl -X POST '${address}/greetings/bob?in=5s'         greet Bob once, in five seconds
           curl ${address}/greetings                             who is greeted, and when next
           curl -X DELETE ${address}/greetings/ada               leave Ada alone
  Ctrl-C stops it.
`);
