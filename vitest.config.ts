import { defineConfig } from 'vitest/config';
import { PATIENCE_MS } from './test/support/patience.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/cluster.ts', 'test/support/console-build.ts'],
    pool: 'forks',
    // One more than the cores of a small machine: tests wait for nodes, leases and pages.
    maxWorkers: 3,
    // A worker keeps what it has loaded: files share no state but modules, and loading took as long as testing.
    isolate: false,
    // Limits for a busy machine, not expectations: no test sets a tighter one of its own.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: PATIENCE_MS } },
    // A test that hangs on to a server or a queue is a defect, not something to wait for.
    teardownTimeout: 10_000,
  },
});
