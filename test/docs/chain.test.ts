import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { chainErrors } from '../../domain/errors/chain.ts';
import { chainWriteErrors } from '../../domain/errors/chain-write.ts';
import { weightsErrors } from '../../domain/errors/weights.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/chain.md');
const verdicts = read('domain/chain-failure.ts');
const folder = 'adapters/chain';
const sources = readdirSync(join(root, folder)).map((name) => read(join(folder, name)));

/** The groups of each match, in all of the chain client's files. */
const used = (pattern: RegExp): readonly string[] => [
  ...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map((match) => match.at(-1) ?? ''))),
];

/** The rows of the tables that begin with a code, by the code. */
const rows = new Map(
  [...page.matchAll(/^\| `(OST_\w+)` \|(.*)$/gm)].map(([, code = '', rest = '']) => [code, rest] as const),
);

describe('docs/chain.md', () => {
  test('has a row for every code of the chain, of its refusals and of the writer', () => {
    const codes = Object.keys({ ...chainErrors, ...chainWriteErrors, ...weightsErrors }).filter((code) =>
      /^OST_(CHAIN|WRITER)_/.test(code),
    );
    expect(codes.length).toBeGreaterThan(40);
    expect(codes.filter((code) => !rows.has(code))).toEqual([]);
    expect([...rows.keys()].filter((code) => !codes.includes(code))).toEqual([]);
  });

  test('names with each code the classes that its refusals are put into', () => {
    const pairs = [...verdicts.matchAll(/\['(\w+)', '(OST_\w+)'\]/g)].map(([, kind = '', code = '']) => ({
      kind,
      code,
    }));
    expect(pairs.length).toBeGreaterThan(80);
    expect(pairs.filter(({ kind, code }) => !(rows.get(code) ?? '').includes(`\`${kind}\``))).toEqual([]);
  });

  test('has every class', () => {
    const [, list = ''] = /type FailureClass = (.*);/.exec(verdicts) ?? [];
    const classes = [...list.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
    expect(classes).toHaveLength(6);
    expect(classes.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  test('names every method, storage item, call and runtime API that the client uses', () => {
    const names = {
      methods: used(/'((?:state|chain|author|system)_[a-z]+[A-Z]\w*)'/g).filter(
        (name) => name !== 'author_extrinsicUpdate',
      ),
      items: used(/'(?:SubtensorModule|Commitments|System|Drand|Timestamp)', '(\w+)'/g),
      apis: used(/(?:RuntimeApi|\$\{api\})_(\w+)/g),
    };
    expect(names.methods.length).toBeGreaterThan(10);
    expect(names.items.length).toBeGreaterThan(20);
    expect(names.apis.length).toBeGreaterThan(3);
    // Notices have no place of their own on the page: they come with their subscriptions.
    const notices = new Set(['chain_newHead', 'chain_finalizedHead', 'state_runtimeVersion']);
    const constants = new Set(['MinimumPeriod']);
    const known = (name: string): boolean => notices.has(name) || constants.has(name) || page.includes(name);
    expect(Object.values(names).flatMap((each) => each.filter((name) => !known(name)))).toEqual([]);
  });
});
