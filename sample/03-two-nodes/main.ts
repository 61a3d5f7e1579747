import 'reflect-metadata';
import { PyncetteFactory } from 'nestjs-pyncette';
import { AppModule } from './app.module.js';

await PyncetteFactory.run(AppModule, { logger: ['warn', 'error'] });
