import { defineConfig } from 'vitest/config';
import shared from './vitest.config.js';

/** The long searches: `npm run test:exhaustive`, with 9 GB of memory. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ['test/**/*.exhaustive.ts'],
    pool: 'forks',
    execArgv: ['--max-old-space-size=9000'],
    disableConsoleIntercept: true,
  },
});
