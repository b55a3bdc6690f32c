import { expect, test } from '@jest/globals';

test('the address of a module under test is the same in every run, so that Node finds what it has compiled', () => {
  const { pathname, searchParams } = new URL(import.meta.url);
  expect(pathname).toMatch(/\/test\/setup\/node-runtime\.test\.ts$/);
  expect(Object.fromEntries(searchParams)).toEqual({ 'test-file': 'setup/node-runtime.test.ts' });
});

test('a helper is loaded anew for each test file that asks for it', () => {
  const { searchParams } = new URL(import.meta.resolve('./temporal.ts'));
  expect(searchParams.get('test-file')).toBe('setup/node-runtime.test.ts');
});
