import { defineConfig } from 'vitest/config';
import shared from './vitest.config.js';

/** Real processes, really killed: `npm run test:chaos`; CHAOS_SECONDS=10 for a short form. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    include: ['test/**/*.chaos.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
});
