import { availableParallelism } from 'node:os';

/**
 * One Temporal server and one workflow bundle serve the whole run (test/setup/global-setup.ts), and Node itself loads the
 * tests (test/setup/node-runtime.ts): nothing is transformed.
 */
export default {
  rootDir: import.meta.dirname,
  runtime: '<rootDir>/test/setup/node-runtime.ts',
  testEnvironment: '<rootDir>/test/setup/node-environment.ts',
  injectGlobals: false,
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testSequencer: '<rootDir>/test/setup/longest-first.mjs',
  globalSetup: '<rootDir>/test/setup/global-setup.ts',
  globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/setup/skip-reporter.mjs'],
  testTimeout: 60_000,
  // Tests of real processes wait for clocks and sockets for half of their time.
  maxWorkers: Math.min(8, availableParallelism() * 2),
  // Test files stay in memory after they are done, and what they were made of is collected late; a new worker has to load
  // and to compile everything again, which costs it some seconds.
  workerIdleMemoryLimit: '600MB',
};
