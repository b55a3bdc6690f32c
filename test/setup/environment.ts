/** What the global set-up hands to the test files: environment variables are all that reaches jest's workers. */
export const testVariables = {
  address: 'OSTINATO_TEST_TEMPORAL_ADDRESS',
  cli: 'OSTINATO_TEST_TEMPORAL_CLI',
  bundle: 'OSTINATO_TEST_WORKFLOW_BUNDLE',
  bundleError: 'OSTINATO_TEST_WORKFLOW_BUNDLE_ERROR',
  folder: 'OSTINATO_TEST_FOLDER',
} as const;

/** Reads one of them. */
export function testVariable(name: keyof typeof testVariables): string {
  const value = process.env[testVariables[name]];
  if (value === undefined) throw new Error(`${testVariables[name]} is not set: this test needs the global set-up.`);
  return value;
}
