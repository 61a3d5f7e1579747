import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  resolve: {
    alias: [
      { find: /^nestjs-pyncette\/typeorm$/, replacement: source('./lib/typeorm/index.ts') },
      { find: /^nestjs-pyncette\/redis$/, replacement: source('./lib/redis/index.ts') },
      { find: /^nestjs-pyncette\/testing$/, replacement: source('./lib/testing/index.ts') },
      {
        find: /^nestjs-pyncette\/(prometheus|opentelemetry|terminus|dashboard)$/,
        replacement: source('./lib/extras/$1/index.ts'),
      },
      { find: /^nestjs-pyncette$/, replacement: source('./lib/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.spec.ts'],
    globalSetup: ['./test/databases/services.ts'],
    setupFiles: ['./test/setup.ts'],
    testTimeout: 20_000,
    // They wait for databases and other processes more than they compute.
    maxWorkers: 2,
  },
});
