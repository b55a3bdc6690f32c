import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import type { FloatFormat } from '../../domain/merge/float-formats.ts';
import type { TensorEntry } from '../artifacts/safetensors-header.ts';
import { graphField, modelGraph, pairField, tensorField, valueInfoName } from './onnx-fields.ts';
import {
  mapFields,
  textOf,
  type WireField,
  wireBytes,
  wireFields,
  wireInteger,
  wireIntegers,
  wireText,
} from './wire.ts';

const onnxFloats: ReadonlyMap<number, FloatFormat> = new Map([
  [1, 'F32'],
  [10, 'F16'],
  [16, 'BF16'],
]);

/** An initializer whose bytes lie in a part's file. */
export interface ExternalTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As what it is stored; a graph widens 16-bit weights to float32 by itself. */
  readonly dtype: FloatFormat;
  /** The part's file name, which the graph refers to. */
  readonly location: string;
}

export interface GraphTensors {
  readonly external: readonly ExternalTensor[];
  /** Names of the inputs in the graph's order. */
  readonly inputs: readonly string[];
}

/** Where one tensor lies now: a file in the session's folder, and the bytes in it. */
export type Placement = Pick<TensorEntry, 'begin' | 'end'> & { readonly location: string };

/** What a graph takes from files and what it is fed. @throws OST_MODEL_GRAPH_MALFORMED */
export function readGraph(bytes: Uint8Array, file: string): GraphTensors {
  return checked(file, () => {
    const external: ExternalTensor[] = [];
    const inputs: string[] = [];
    for (const field of graphFields(bytes)) {
      if (field.number === graphField.input) inputs.push(nameOf(field, valueInfoName));
      if (field.number !== graphField.initializer) continue;
      const initializer = readInitializer(field);
      if (initializer.location === null) continue;
      const { name, shape, location } = initializer;
      const dtype = onnxFloats.get(initializer.dataType);
      if (dtype === undefined) throw malformed(file, `"${name}" is no tensor of 32-bit or 16-bit floats`);
      external.push({ name, shape, dtype, location });
    }
    return { external, inputs };
  });
}

/**
 * Copies a graph with new places for its external tensors. Offsets are part of the graph: a file whose header is
 * eight bytes longer would otherwise load without any error, and every number would be wrong.
 *
 * @throws OST_MODEL_GRAPH_MALFORMED where a tensor has no place
 */
export function placeTensors(bytes: Uint8Array, file: string, places: ReadonlyMap<string, Placement>): Uint8Array {
  return checked(file, () =>
    Buffer.concat(
      mapFields(bytes, modelGraph, (graph) =>
        wireBytes(
          modelGraph,
          Buffer.concat(
            mapFields(graph.value, graphField.initializer, (initializer) => {
              const { name, location } = readInitializer(initializer);
              if (location === null) return initializer.raw;
              const place = places.get(name);
              if (place === undefined) throw malformed(file, `nothing is known of its tensor "${name}"`);
              return wireBytes(graphField.initializer, placed(initializer, place));
            }),
          ),
        ),
      ),
    ),
  );
}

/**
 * Copies a graph with the external tensors of one location as inputs: they are given with each run then, and a session
 * serves for any weights of theirs.
 */
export function tensorsAsInputs(bytes: Uint8Array, file: string, location: string): Uint8Array {
  return checked(file, () => {
    const ofLocation = readGraph(bytes, file).external.filter((each) => each.location === location);
    const names = new Set(ofLocation.map(({ name }) => name));
    return Buffer.concat(
      mapFields(bytes, modelGraph, (graph) => {
        const kept = Array.from(wireFields(graph.value)).filter(
          (field) => field.number !== graphField.initializer || !names.has(readInitializer(field).name),
        );
        const inputs = ofLocation.map((each) => wireBytes(graphField.input, floatInput(each)));
        return wireBytes(modelGraph, Buffer.concat([...kept.map(({ raw }) => raw), ...inputs]));
      }),
    );
  });
}

/** A ValueInfoProto: name, and a type that is a tensor of element type and dimensions. */
function floatInput({ name, dtype, shape }: ExternalTensor): Uint8Array {
  const [elementType = 1] = Array.from(onnxFloats).find(([, each]) => each === dtype) ?? [];
  const dimensions = shape.map((size) => wireBytes(1, wireInteger(1, size)));
  const tensorType = Buffer.concat([wireInteger(1, elementType), wireBytes(2, Buffer.concat(dimensions))]);
  return Buffer.concat([wireText(valueInfoName, name), wireBytes(2, wireBytes(1, tensorType))]);
}

function placed(initializer: WireField, place: Placement): Uint8Array {
  const entry = (key: string, value: string) =>
    wireBytes(
      tensorField.externalData,
      Buffer.concat([wireText(pairField.key, key), wireText(pairField.value, value)]),
    );
  return Buffer.concat([
    ...Array.from(wireFields(initializer.value))
      .filter((field) => field.number !== tensorField.externalData)
      .map((field) => field.raw),
    entry('location', place.location),
    entry('offset', String(place.begin)),
    entry('length', String(place.end - place.begin)),
  ]);
}

function* graphFields(bytes: Uint8Array): Generator<WireField> {
  for (const field of wireFields(bytes)) if (field.number === modelGraph) yield* wireFields(field.value);
}

function readInitializer(field: WireField) {
  let name = '';
  let dataType = 0;
  let location: string | null = null;
  const shape: number[] = [];
  for (const part of wireFields(field.value)) {
    if (part.number === tensorField.name) name = textOf(part);
    else if (part.number === tensorField.dataType) dataType = wireIntegers(part)[0] ?? 0;
    else if (part.number === tensorField.dims) shape.push(...wireIntegers(part));
    else if (part.number === tensorField.externalData && nameOf(part, pairField.key) === 'location') {
      location = nameOf(part, pairField.value);
    }
  }
  return { name, dataType, location, shape };
}

function nameOf(message: WireField, number: number): string {
  for (const field of wireFields(message.value)) if (field.number === number) return textOf(field);
  return '';
}

const malformed = (file: string, problem: string) => fail('OST_MODEL_GRAPH_MALFORMED', { file, problem });

function checked<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isOstinatoError(error)) throw error;
    throw fail('OST_MODEL_GRAPH_MALFORMED', { file, problem: 'it is no ONNX model' }, { cause: error });
  }
}
