import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ExportProgress } from '../../../adapters/model-export/export-lines.ts';
import { type ExportOptions, exportModel } from '../../../adapters/model-export/export-model.ts';
import { temporaryFolder } from '../model/reference.ts';

/** A program in Python's place: what it finds installed, and what the export prints and how it ends. */
async function pythonIn(
  folder: string,
  { found = { missing: [], other: [] }, lines = [], code = 0 }: { found?: object; lines?: unknown[]; code?: number },
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'python');
  const said = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const program = [
    `#!${process.execPath}`,
    `const checks = process.argv[2].endsWith('check_requirements.py');`,
    `process.stdout.write(checks ? ${JSON.stringify(JSON.stringify(found))} : ${JSON.stringify(`${said}\n`)});`,
    `if (!checks) { process.stderr.write('Killed by a mule.'); process.exitCode = ${code}; }`,
  ];
  await writeFile(path, program.join('\n'));
  await chmod(path, 0o755);
  return path;
}

const optionsOf = (python: string, changes: Partial<ExportOptions> = {}): ExportOptions => ({
  python,
  anyVersion: false,
  checkpoint: '/models/tiny',
  bundle: '/models/bundle',
  context: 16,
  groups: 2,
  assign: 'contiguous',
  assignment: null,
  dtype: 'fp32',
  corpus: null,
  firstToken: null,
  check: false,
  ...changes,
});

const never = new AbortController().signal;
const ignore = () => undefined;
const done = { event: 'done', folder: '/models/bundle', groups: 2, parameters: 10, trained: [4, 4] } as const;

test('tells what is done, and leaves out what libraries print', async () => {
  await using folder = await temporaryFolder();
  const part = { event: 'part', file: 'model_shared.safetensors', tensors: 3, bytes: 99 } as const;
  const python = await pythonIn(folder.path, { lines: [part, 'a library says hello', done] });
  const seen: ExportProgress[] = [];
  await exportModel(optionsOf(python), (progress) => seen.push(progress), never);
  expect(seen).toEqual([part, done]);
});

test('a machine without Python is told to install one', async () => {
  await expect(exportModel(optionsOf('/nowhere/python3'), ignore, never)).rejects.toMatchObject({
    code: 'OST_EXPORT_PYTHON',
    params: { python: '/nowhere/python3' },
  });
});

test('a Python without the packages is told which, and where their list lies; other versions are let through if asked', async () => {
  await using folder = await temporaryFolder();
  const found = { missing: ['torch==2.15.0'], other: ['transformers==5.23.0 (there is 4.0.0)'] };
  const python = await pythonIn(join(folder.path, 'bare'), { found });
  await expect(exportModel(optionsOf(python), ignore, never)).rejects.toMatchObject({
    code: 'OST_EXPORT_REQUIREMENTS',
    params: {
      missing: 'torch==2.15.0, transformers==5.23.0 (there is 4.0.0)',
      requirements: expect.stringMatching(/models\/exporter\/requirements-export\.txt$/),
    },
  });
  const other = await pythonIn(join(folder.path, 'other'), { found: { ...found, missing: [] }, lines: [done] });
  await expect(exportModel(optionsOf(other), ignore, never)).rejects.toMatchObject({ code: 'OST_EXPORT_REQUIREMENTS' });
  await exportModel(optionsOf(other, { anyVersion: true }), ignore, never);
});

test.each([
  ['OST_EXPORT_CHECKPOINT', { problem: 'it has no tokenizer.json' }, { folder: '/models/tiny' }],
  ['OST_EXPORT_UNSUPPORTED', { problem: 'quantized weights' }, {}],
  ['OST_EXPORT_GROUPS', { problem: 'a group without experts' }, {}],
  ['OST_EXPORT_CHECK', { problem: 'losses differ' }, {}],
  ['OST_EXPORT_TARGET', { folder: '/models/bundle' }, {}],
  ['OST_EXPORT_CORPUS', { folder: '/texts', file: 'group_1.train.txt' }, {}],
])('the program’s %s is one of the catalogue', async (code, params, added) => {
  await using folder = await temporaryFolder();
  const python = await pythonIn(folder.path, { lines: [{ event: 'error', problem: { code, params } }], code: 1 });
  const failed = exportModel(optionsOf(python), ignore, never);
  await expect(failed).rejects.toMatchObject({ code, params: { ...params, ...added } });
});

test('a program that ends without a result is an error with its last words', async () => {
  await using folder = await temporaryFolder();
  const crashed = await pythonIn(join(folder.path, 'a'), { code: 7 });
  await expect(exportModel(optionsOf(crashed), ignore, never)).rejects.toMatchObject({
    code: 'OST_EXPORT_FAILED',
    params: { how: 'exit code 7', words: 'Killed by a mule.' },
  });
  const silent = await pythonIn(join(folder.path, 'b'), { code: 0 });
  await expect(exportModel(optionsOf(silent), ignore, never)).rejects.toMatchObject({ code: 'OST_EXPORT_FAILED' });
});
