import type * as Globals from '@jest/globals';
import { jestGlobals } from './jest-globals-key.ts';

/** What `@jest/globals` stands for in a test file: what jest-circus has made for this file. */
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } = Reflect.get(
  globalThis,
  jestGlobals,
) as typeof Globals;
