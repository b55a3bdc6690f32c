import { fail } from '../../domain/errors/error.ts';
import type { SafetensorsHeader } from '../artifacts/safetensors-header.ts';
import { type GraphTensors, type Placement, placeTensors, readGraph } from './graph.ts';

/** A part's file as a session will see it. */
export interface PlacedPart {
  /** The name that the graph knows the part by, and that the file has in the session's folder. */
  readonly location: string;
  readonly header: SafetensorsHeader;
}

/**
 * Copies a graph so that it refers to the given files, after checking that each holds exactly the tensors that the
 * graph expects of it, all of the right type and shape.
 *
 * @throws OST_MODEL_SHAPE_MISMATCH where a file does not fit, OST_MODEL_GRAPH_MALFORMED where the graph cannot be read
 */
export function fitGraph(bytes: Uint8Array, file: string, parts: readonly PlacedPart[]): Uint8Array {
  const { external } = readGraph(bytes, file);
  const places = new Map<string, Placement>();
  for (const location of new Set(external.map((tensor) => tensor.location))) {
    const part = parts.find((candidate) => candidate.location === location);
    if (part === undefined) throw mismatch(location, 'it is missing');
    for (const [name, place] of placesIn(part, external)) places.set(name, place);
  }
  return placeTensors(bytes, file, places);
}

/** Checks that a part's file holds exactly the tensors that are expected of it. @throws OST_MODEL_SHAPE_MISMATCH */
export function checkTensors(part: PlacedPart, external: GraphTensors['external']): void {
  placesIn(part, external);
}

function placesIn({ location, header }: PlacedPart, external: GraphTensors['external']): Map<string, Placement> {
  const expected = external.filter((tensor) => tensor.location === location);
  const places = new Map<string, Placement>();
  for (const { name, shape, dtype } of expected) {
    const entry = header.tensors.get(name);
    if (entry === undefined) throw mismatch(location, `the tensor "${name}" is missing`);
    if (entry.dtype !== dtype) throw mismatch(location, `"${name}" is ${entry.dtype} and must be ${dtype}`);
    if (entry.shape.join() !== shape.join()) {
      throw mismatch(
        location,
        `"${name}" has the shape [${entry.shape.join(', ')}] and must have [${shape.join(', ')}]`,
      );
    }
    places.set(name, { location, begin: entry.begin, end: entry.end });
  }
  for (const name of header.tensors.keys()) {
    if (!places.has(name))
      throw mismatch(location, `the tensor "${name.slice(0, 200)}" belongs to no part of the model here`);
  }
  return places;
}

const mismatch = (file: string, problem: string) => fail('OST_MODEL_SHAPE_MISMATCH', { file, problem });
