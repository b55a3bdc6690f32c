import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { fieldsOf } from '../../config/fields.ts';
import { fileLayer } from '../../config/file.ts';
import { distance, nearest } from '../../config/nearest.ts';
import { errorOf } from './folder.ts';

const read = (text: string) => {
  const { layer, problems } = fileLayer(fieldsOf('validator'), '/d/config.yaml', text);
  return {
    values: Object.fromEntries([...layer].map(([key, { value }]) => [key, value])),
    lines: Object.fromEntries([...layer].map(([key, { source }]) => [key, source.where])),
    problems: problems.map(({ code, params }) => ({ code, ...params })),
  };
};

describe('a file', () => {
  test('may be empty, all comments, or have empty groups', () => {
    for (const text of ['', '# nothing\n', 'wallet:\n', 'wallet: {}\n', '---\n']) {
      expect(read(text)).toMatchObject({ values: {}, problems: [] });
    }
  });

  test('may use anchors', () => {
    expect(read('wallet: { name: &n same, hotkey: *n }\n').values).toEqual({
      'wallet.name': 'same',
      'wallet.hotkey': 'same',
    });
  });

  test.each([
    ['netuid: 1\nhotkey: x\n', 'hotkey', 'wallet.hotkey', 2],
    ['wallet:\n  hotky: x\n', 'wallet.hotky', 'wallet.hotkey', 2],
    ['Netuid: 1\n', 'Netuid', 'netuid', 1],
  ] as const)('%j is refused with the nearest field', (text, key, near, line) => {
    expect(read(text).problems).toEqual([
      { code: 'OST_CONFIG_UNKNOWN_KEY', source: `/d/config.yaml line ${line}`, key, nearest: near },
    ]);
  });

  test('may not have a value where a group belongs', () => {
    expect(read('wallet: my-wallet\n').problems).toMatchObject([
      { code: 'OST_CONFIG_VALUE', key: 'wallet', value: '"my-wallet"' },
    ]);
  });

  test.each([
    ['netuid: 1\nnetuid: 2\n', 2],
    ['netuid: 1\nwallet: }\n', 2],
    ['a: b: c\n', 1],
  ])('%j is refused with its line', (text, line) => {
    const error = errorOf(() => read(text));
    expect(error.code).toBe('OST_CONFIG_SYNTAX');
    expect(error.params['source']).toBe(`/d/config.yaml line ${line}`);
  });

  test.each(['- netuid\n', 'netuid\n'])('%j is no mapping, and refused', (text) => {
    expect(errorOf(() => read(text)).code).toBe('OST_CONFIG_SYNTAX');
  });

  test('any unknown name gets a suggestion that is a field', () => {
    const known = fieldsOf('validator').map(({ key }) => key);
    const groups = ['wallet', 'temporal', 'axon', 'seed', 'merge', 'outer', 'timeouts'];
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_]{1,20}$/), (name) => {
        fc.pre(!known.includes(name) && !groups.includes(name));
        const [problem] = read(stringify({ [name]: 1 })).problems;
        expect(problem?.code).toBe('OST_CONFIG_UNKNOWN_KEY');
        expect(known).toContain((problem as { nearest?: unknown } | undefined)?.nearest);
      }),
    );
  });
});

describe('nearness', () => {
  const word = fc.string({ maxLength: 12 });
  test('is a metric', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(distance(a, a)).toBe(0);
        expect(distance(a, b)).toBe(distance(b, a));
        expect(distance(a, b) === 0).toBe(a === b);
        expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
      }),
    );
  });

  test('counts single changes', () => {
    expect(distance('kitten', 'sitting')).toBe(3);
    expect(nearest('SERVER_PROT', ['netuid', 'server_host', 'server_port'])).toBe('server_port');
  });
});
