import { describe, expect, test } from '@jest/globals';
import { hasDefaultExport, isIndeterminate, lineCount, mutableState, tooLong } from './shape.ts';
import { parseSource, type SourceFile, sourceFiles } from './source-file.ts';

const files = sourceFiles();
const program = files.filter(({ path }) => !path.startsWith('test/'));
const pathsWhere = (among: readonly SourceFile[], wrong: (file: SourceFile) => boolean): readonly string[] =>
  among.filter(wrong).map(({ path }) => path);
const of = (text: string): SourceFile => parseSource('domain/a.ts', text);

describe('files', () => {
  test('are small: their median is under 100 lines', () => {
    const lengths = program.map(({ text }) => lineCount(text)).sort((a, b) => a - b);
    expect(lengths.length).toBeGreaterThan(50);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100);
  });

  test('have at most 400 lines, or say why in their first comment', () => {
    expect(pathsWhere(files, tooLong)).toEqual([]);
    const long = 'const a = 1;\n'.repeat(401).replaceAll('a', '_');
    expect(tooLong({ path: 'a.ts', text: long, imports: [], body: [] })).toBe(true);
    const reason = `/** This file is long because it is one table. */\n${long}`;
    expect(tooLong({ path: 'a.ts', text: reason, imports: [], body: [] })).toBe(false);
  });

  test('export by name', () => {
    // jest finds its set-up and tear-down by their default exports.
    expect(pathsWhere(files, hasDefaultExport).filter((path) => !path.startsWith('test/setup/'))).toEqual([]);
    expect(hasDefaultExport(of('export default 1;'))).toBe(true);
    expect(hasDefaultExport(of('export default function a() {}'))).toBe(true);
    expect(hasDefaultExport(of('const a = 1; export { a as default };'))).toBe(true);
    expect(hasDefaultExport(of('export const a = 1;'))).toBe(false);
  });

  test('keep no state at the top of a module', () => {
    expect(pathsWhere(program, mutableState)).toEqual([]);
    expect(mutableState(of('let count = 0;'))).toBe(true);
    expect(mutableState(of('export let count = 0;'))).toBe(true);
    expect(mutableState(of('const f = () => { let count = 0; return count; };'))).toBe(false);
  });
});

describe('workflows and rules', () => {
  test('read no clock and draw nothing at random', () => {
    const pure = files.filter(({ path }) => path.startsWith('workflows/') || path.startsWith('domain/'));
    // Temporal's sandbox replays `Date`, and one file alone asks it: the others take their time from there.
    expect(pathsWhere(pure, isIndeterminate)).toEqual(['workflows/shared/block-clock.ts']);
    for (const text of ['Date.now()', 'Math.random()', 'new Date()', 'crypto.randomUUID()', '[1].map(Math.random)']) {
      expect(isIndeterminate(of(`export const a = () => ${text};`))).toBe(true);
    }
    expect(isIndeterminate(of('export const a = (at: number) => new Date(at);'))).toBe(false);
    expect(isIndeterminate(of('// Date.now()\nexport const a = "Math.random()";'))).toBe(false);
  });
});
