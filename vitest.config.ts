// How the unit tests run: all of them in a few threads that are shared, since no test leaves state behind.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { LOWERDEV_VERSION: JSON.stringify('0.0.0-source') },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    testTimeout: 60_000,
  },
});
