import { availableParallelism } from 'node:os';

/** One Temporal server and one workflow bundle serve the whole run (test/setup/global-setup.ts). */
export default {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/test/setup/quick-environment.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  testSequencer: '<rootDir>/test/setup/longest-first.mjs',
  globalSetup: '<rootDir>/test/setup/global-setup.ts',
  globalTeardown: '<rootDir>/test/setup/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/setup/skip-reporter.mjs'],
  testTimeout: 60_000,
  // Tests of real processes wait for clocks and sockets for half of their time.
  maxWorkers: Math.min(8, Math.ceil(availableParallelism() * 1.5)),
  // Modules of ES form stay in memory after their test file. After hundreds of files, collecting garbage was a third
  // of all that a worker did; a new worker costs a second.
  workerIdleMemoryLimit: '400MB',
};
