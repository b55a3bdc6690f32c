import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { generatedFiles, staleFiles, writeGenerated } from '../../../cli/docs/generate.ts';
import { fieldsOf } from '../../../config/fields.ts';
import { catalogue } from '../../../domain/errors/catalogue.ts';

test('the committed documents are those that are generated ("npm run docs" writes them)', () => {
  expect(staleFiles()).toEqual([]);
});

test('a changed or missing document is found and written anew', () => {
  const root = mkdtempSync(join(tmpdir(), 'ostinato-docs-'));
  const all = [...generatedFiles().keys()];
  expect(staleFiles(root)).toEqual(all);
  expect(writeGenerated(root)).toEqual(all);
  appendFileSync(join(root, 'docs/errors.md'), 'by hand');
  expect(staleFiles(root)).toEqual(['docs/errors.md']);
  expect(writeGenerated(root)).toEqual(['docs/errors.md']);
  expect(staleFiles(root)).toEqual([]);
  rmSync(root, { recursive: true });
});

test('every error and every field is in its document once', () => {
  const files = generatedFiles();
  for (const name of Object.keys(catalogue)) expect(files.get('docs/errors.md')?.split(`\`${name}\``)).toHaveLength(2);
  for (const { variable } of [...fieldsOf('validator'), ...fieldsOf('miner')]) {
    expect(files.get('docs/configuration.md')).toContain(`| \`${variable}\``);
  }
});
