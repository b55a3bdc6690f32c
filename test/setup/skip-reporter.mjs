import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Says which tests were skipped and why; in CI a skip that test/allowed-skips.json does not list fails the run.
 * That file is a list of `{ "test": full name without the reason, "reason": text }`.
 * OSTINATO_TEST_TOTALS names a file that gets the counts in one line.
 */
export default class SkipReporter {
  #rootDir;
  #filtered;
  #skips = [];
  #error;

  constructor(globalConfig) {
    this.#rootDir = globalConfig.rootDir;
    // With -t every test that does not match counts as skipped: nothing to tell about those.
    this.#filtered = Boolean(globalConfig.testNamePattern);
  }

  onTestResult(_test, { testFilePath, testResults }) {
    for (const { status, fullName } of testResults) {
      if (status !== 'pending' && status !== 'todo') continue;
      const [, name = fullName, reason] = /^(.*?)(?: \[skipped: (.*)\])?$/s.exec(fullName) ?? [];
      this.#skips.push({ file: relative(this.#rootDir, testFilePath), name, reason: reason ?? 'no reason given' });
    }
  }

  onRunComplete(_contexts, results) {
    if (!this.#filtered) this.#report();
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites + (this.#error === undefined ? 0 : 1);
    const totals = process.env.OSTINATO_TEST_TOTALS;
    if (totals !== undefined) {
      writeFileSync(totals, `${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped\n`);
    }
  }

  #report() {
    for (const { file, name, reason } of this.#skips) process.stderr.write(`SKIPPED ${file}: ${name}: ${reason}\n`);
    if (process.env.CI !== 'true') return;
    const allowed = new Set(
      JSON.parse(readFileSync(join(this.#rootDir, 'test/allowed-skips.json'), 'utf8')).map(({ test }) => test),
    );
    const unlisted = this.#skips.filter(({ name }) => !allowed.has(name)).map(({ name }) => name);
    if (unlisted.length > 0) {
      this.#error = new Error(`Skipped in CI but not in test/allowed-skips.json: ${unlisted.join('; ')}`);
    }
  }

  getLastError() {
    return this.#error;
  }
}
