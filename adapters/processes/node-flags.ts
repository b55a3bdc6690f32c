import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/**
 * The flags under which all of Ostinato's processes run: no warning for each type that is stripped, and the quick
 * way to packages (bin/quick-modules.mjs says why). Absolute, because children have folders of their own.
 */
export const nodeFlags: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(root, 'bin', 'quick-modules.mjs'),
];
