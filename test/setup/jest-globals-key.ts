/** Where node-runtime.ts keeps what jest-circus has made for the test file that runs, for jest-globals.ts. */
export const jestGlobals = Symbol.for('ostinato.jest-globals');
