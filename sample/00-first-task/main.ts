import 'reflect-metadata';
import { relative } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { PyncetteService } from 'nestjs-pyncette';
import { AppModule } from './app.module.js';
import { databaseFile, isThereASchedule, resetIfAsked } from './database-file.js';

resetIfAsked();
const goesOn = isThereASchedule();

const app = await NestFactory.create(AppModule);
// Ctrl-C lets what is executing finish, and ends with exit code 0.
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? 3000);

const { tasks } = await app.get(PyncetteService).listTasks('greet');
const names = tasks.map(({ instanceName }) => instanceName).join(', ') || 'nobody yet';
const address = (await app.getUrl()).replace('[::1]', 'localhost');
console.log(`
  ${goesOn ? 'Goes on where it was' : 'A new schedule'}, kept in ${relative('.', databaseFile)}; greeted: ${names}

  Watch:   ${address}/pyncette                                   the dashboard
  Try it:  curl -X POST '${address}/greetings/ada?every=3s'      greet Ada every three seconds
           curl -X POST '${address}/greetings/bob?in=5s'         greet Bob once, in five seconds
           curl ${address}/greetings                             who is greeted, and when next
           curl -X DELETE ${address}/greetings/ada               leave Ada alone
  Ctrl-C stops it; npm start goes on where it was, npm start -- --reset begins anew.
`);
