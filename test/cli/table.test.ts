import { expect, test } from '@jest/globals';
import { textTable } from '../../cli/table.ts';

test('a table has one rule, under its head', () => {
  const rows = [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ];
  expect(textTable(['name', 'n'], rows).split('\n')).toEqual([
    '┌──────┬───┐',
    '│ name │ n │',
    '├──────┼───┤',
    '│ a    │ 1 │',
    '│ b    │ 2 │',
    '│ c    │ 3 │',
    '└──────┴───┘',
  ]);
});

test('a table without rows is its head', () => {
  expect(textTable(['name'], []).split('\n')).toHaveLength(3);
});
