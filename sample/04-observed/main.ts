import 'reflect-metadata';
// Before everything that is to be traced.
import './tracing.js';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(process.env['PORT'] ?? '3960', '127.0.0.1');
const url = await app.getUrl();
console.log(`listening at ${url}`);
console.log(`Dashboard: ${url}/pyncette  Metrics: ${url}/metrics  Health: ${url}/health/ready`);
console.log(
  `Try it: curl -X POST ${url}/mails -H 'Content-Type: application/json' -d '{"to":"ada@example.com"}'`,
);
