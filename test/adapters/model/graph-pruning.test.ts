import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readGraph } from '../../../adapters/model/graph.ts';
import { pruneTo } from '../../../adapters/model/graph-pruning.ts';
import { textOf, wireBytes, wireFields, wireText } from '../../../adapters/model/wire.ts';
import { bundleNames, readBundle } from '../model-export/bundles.ts';
import { modelFolder } from './reference.ts';

const graphOf = (model: Uint8Array) =>
  Array.from(wireFields(model)).flatMap((field) => (field.number === 7 ? Array.from(wireFields(field.value)) : []));

const namesOf = (model: Uint8Array, number: number, nameField: number) =>
  graphOf(model)
    .filter((field) => field.number === number)
    .flatMap(({ value }) => Array.from(wireFields(value)).filter((field) => field.number === nameField))
    .map(textOf);
const nodes = (model: Uint8Array) => namesOf(model, 1, 3);
const outputs = (model: Uint8Array) => namesOf(model, 12, 1);

/** A node by its name, what it reads and what it makes. */
const node = (
  name: string,
  inputs: readonly string[],
  made: readonly string[],
  attributes: readonly Uint8Array[] = [],
) =>
  Buffer.concat([
    ...inputs.map((each) => wireText(1, each)),
    ...made.map((each) => wireText(2, each)),
    wireText(3, name),
    ...attributes.map((each) => wireBytes(5, each)),
  ]);
const model = (fields: readonly Uint8Array[]) => wireBytes(7, Buffer.concat(fields));
const value = (name: string) => wireText(1, name);

describe('a graph that is pruned to one output', () => {
  test.each([...bundleNames, 'reference'])(
    'has the forward pass of %s left, and takes the same inputs',
    async (name) => {
      const folder = name === 'reference' ? modelFolder : (await readBundle(name)).modelFolder;
      const [gradients, loss] = await Promise.all(
        ['gradients_0.onnx', 'loss.onnx'].map((file) => readFile(join(folder, file))),
      );
      if (gradients === undefined || loss === undefined) throw new Error('no graphs');
      const pruned = pruneTo(gradients, 'losses');
      expect(outputs(pruned)).toEqual(['losses']);
      expect(readGraph(pruned, 'pruned').inputs).toEqual(readGraph(gradients, 'gradients').inputs);
      expect(nodes(pruned).length).toBeLessThan(nodes(gradients).length);
      expect(Math.abs(nodes(pruned).length / nodes(loss).length - 1)).toBeLessThan(0.2);
    },
  );

  test('keeps what is read within a branch, and what a branch hands on', () => {
    const branch = (fields: readonly Uint8Array[]) =>
      Buffer.concat([wireText(1, 'then_branch'), wireBytes(6, Buffer.concat(fields))]);
    const whole = model([
      wireBytes(1, node('read within', ['x'], ['a'])),
      wireBytes(1, node('handed on', ['x'], ['b'])),
      wireBytes(1, node('read by nobody', ['x'], ['c'])),
      wireBytes(
        1,
        node(
          'if',
          ['condition'],
          ['result'],
          [
            branch([wireBytes(1, node('inner', ['a'], ['inner result'])), wireBytes(12, value('inner result'))]),
            branch([wireBytes(12, value('b'))]),
          ],
        ),
      ),
      wireBytes(11, value('x')),
      wireBytes(12, value('result')),
      wireBytes(12, value('c')),
    ]);
    const pruned = pruneTo(whole, 'result');
    expect(nodes(pruned)).toEqual(['read within', 'handed on', 'if']);
    expect(outputs(pruned)).toEqual(['result']);
  });

  test('drops weights that only another output needs', () => {
    const initializer = (name: string) => wireBytes(5, wireText(8, name));
    const whole = model([
      wireBytes(1, node('one', ['x', 'w'], ['a'])),
      wireBytes(1, node('two', ['x', 'v'], ['b'])),
      initializer('w'),
      initializer('v'),
      wireBytes(12, value('a')),
      wireBytes(12, value('b')),
    ]);
    expect(namesOf(pruneTo(whole, 'a'), 5, 8)).toEqual(['w']);
  });
});
