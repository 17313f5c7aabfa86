import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/cluster.ts', 'test/support/console-build.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A worker keeps what it has loaded: files share no state but modules, and loading took as long as testing.
    isolate: false,
    // Waiting limits for a busy machine, not expectations.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A test that hangs on to a server or a queue is a defect, not something to wait for.
    teardownTimeout: 10_000,
  },
});
