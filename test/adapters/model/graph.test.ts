import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSafetensorsHeader, type SafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { fitGraph, type PlacedPart } from '../../../adapters/model/fit.ts';
import { placeTensors, readGraph, tensorsAsInputs } from '../../../adapters/model/graph.ts';
import { partFile } from '../../../adapters/model/parts.ts';
import { modelFolder } from './reference.ts';

const parts = ['shared', 0, 1, 2, 3] as const;
const loss = () => readFile(join(modelFolder, 'loss.onnx'));

const placedParts = (): Promise<readonly PlacedPart[]> =>
  Promise.all(
    parts.map(async (part) => {
      const location = partFile(part);
      return { location, header: await readSafetensorsHeader(join(modelFolder, location)) };
    }),
  );

/** The parts with the header of group 0 changed. */
async function withGroup0(change: (header: SafetensorsHeader) => SafetensorsHeader): Promise<readonly PlacedPart[]> {
  return (await placedParts()).map((part) =>
    part.location === partFile(0) ? { ...part, header: change(part.header) } : part,
  );
}

const gate = 'model.layers.0.mlp.experts.0.gate_proj.weight';

describe('the graphs of the reference model', () => {
  test('with the tensors of one file as inputs refers to all other files as before', async () => {
    const bytes = await loss();
    const { external, inputs } = readGraph(bytes, 'loss.onnx');
    const changed = readGraph(tensorsAsInputs(bytes, 'loss.onnx', partFile(1)), 'changed');
    const own = external.filter(({ location }) => location === partFile(1));
    expect(own).toHaveLength(12);
    expect(changed.external).toEqual(external.filter(({ location }) => location !== partFile(1)));
    expect(changed.inputs).toEqual([...inputs, ...own.map(({ name }) => name)]);
  });

  test('take every tensor of every part from outside, and no other', async () => {
    const { external, inputs } = readGraph(await loss(), 'loss.onnx');
    const inFiles = (await placedParts()).flatMap(({ location, header }) =>
      Array.from(header.tensors, ([name, { shape }]) => `${location} ${name} ${shape.join('x')}`),
    );
    const inGraph = external.map(({ name, shape, location }) => `${location} ${name} ${shape.join('x')}`);
    expect(inGraph.toSorted()).toEqual(inFiles.toSorted());
    expect(inputs).toEqual(['tokens', 'targets']);
  });

  test.each([0, 1, 2, 3])('of group %i is fed exactly its own experts', async (group) => {
    const header = await readSafetensorsHeader(join(modelFolder, partFile(group)));
    const { inputs, external } = readGraph(await readFile(join(modelFolder, `gradients_${group}.onnx`)), 'gradients');
    expect(inputs.toSorted()).toEqual(['tokens', 'targets', 'loss_scale', ...header.tensors.keys()].toSorted());
    expect(external.some(({ location }) => location === partFile(group))).toBe(false);
  });

  test('name each expert by layer and number, two of each layer in a group', async () => {
    for (const [group, part] of (await placedParts()).slice(1).entries()) {
      const experts = Array.from(part.header.tensors.keys(), (name) => {
        const [, layer, expert] = /^model\.layers\.(\d+)\.mlp\.experts\.(\d+)\.\w+\.weight$/.exec(name) ?? [];
        return `${layer}/${expert}`;
      });
      const own = [2 * group, 2 * group + 1];
      expect(new Set(experts)).toEqual(new Set([0, 1].flatMap((layer) => own.map((expert) => `${layer}/${expert}`))));
    }
  });
});

describe('fitting a graph to files', () => {
  test('keeps everything but the places', async () => {
    const bytes = await loss();
    const once = fitGraph(bytes, 'loss.onnx', await placedParts());
    expect(readGraph(once, 'once')).toEqual(readGraph(bytes, 'loss.onnx'));
    expect(once).toHaveLength(bytes.length);
    expect(fitGraph(once, 'once', await placedParts())).toEqual(once);
  });

  test('moves the offsets of a file whose header is longer', async () => {
    const moved = await withGroup0((header) => ({
      ...header,
      tensors: new Map(
        Array.from(header.tensors, ([name, at]) => [name, { ...at, begin: at.begin + 8, end: at.end + 8 }]),
      ),
    }));
    const text = Buffer.from(fitGraph(await loss(), 'loss.onnx', moved)).toString('latin1');
    for (const { begin } of moved[1]?.header.tensors.values() ?? [])
      expect(text).toContain(`offset\x12${String.fromCharCode(String(begin).length)}${begin}`);
  });

  test('refuses a missing tensor, one too many, another type and another shape', async () => {
    const changes: readonly ((
      tensors: Map<string, SafetensorsHeader['tensors'] extends ReadonlyMap<string, infer E> ? E : never>,
    ) => void)[] = [
      (tensors) => tensors.delete(gate),
      (tensors) => tensors.set('extra', { dtype: 'F32', shape: [1], begin: 0, end: 4 }),
      (tensors) => tensors.set(gate, { dtype: 'F16', shape: [128, 128], begin: 0, end: 32_768 }),
      (tensors) => tensors.set(gate, { dtype: 'F32', shape: [64, 256], begin: 0, end: 65_536 }),
    ];
    for (const change of changes) {
      const parts = await withGroup0((header) => {
        const tensors = new Map(header.tensors);
        change(tensors);
        return { ...header, tensors };
      });
      const bytes = await loss();
      expect(() => fitGraph(bytes, 'loss.onnx', parts)).toThrow(
        expect.objectContaining({ code: 'OST_MODEL_SHAPE_MISMATCH', fault: 'miner' }),
      );
    }
  });

  test('refuses a part that is not there', async () => {
    const [shared] = await placedParts();
    const bytes = await loss();
    expect(() => fitGraph(bytes, 'loss.onnx', shared === undefined ? [] : [shared])).toThrow(
      expect.objectContaining({ code: 'OST_MODEL_SHAPE_MISMATCH' }),
    );
  });

  test('refuses bytes that are no graph', async () => {
    expect(() => readGraph(Buffer.from('not a graph at all'), 'loss.onnx')).toThrow(
      expect.objectContaining({ code: 'OST_MODEL_GRAPH_MALFORMED' }),
    );
    const cut = (await loss()).subarray(0, 1000);
    expect(() => placeTensors(cut, 'loss.onnx', new Map())).toThrow(
      expect.objectContaining({ code: 'OST_MODEL_GRAPH_MALFORMED' }),
    );
  });
});
