import { textOf, type WireField, wireBytes, wireFields } from './wire.ts';

/** Field numbers of the ONNX messages that matter here. */
const modelGraph = 7;
const graph = { node: 1, initializer: 5, output: 12, valueInfo: 13 } as const;
const node = { input: 1, output: 2, attribute: 5 } as const;
const attribute = { graph: 6, graphs: 11 } as const;
const initializerName = 8;
const valueInfoName = 1;

/**
 * Copies a model with one of its outputs and no more than that needs. ONNX Runtime computes every node of a graph,
 * whichever outputs are asked for: the losses alone of a gradient graph would cost as much as all gradients.
 *
 * Inputs stay, so that both are fed alike.
 *
 * @param model a readable ONNX model, whose nodes are in the order that ONNX demands: none before what it reads
 */
export function pruneTo(model: Uint8Array, output: string): Uint8Array {
  return Buffer.concat(
    Array.from(wireFields(model), (field) =>
      field.number === modelGraph ? wireBytes(modelGraph, prunedGraph(field.value, output)) : field.raw,
    ),
  );
}

function prunedGraph(bytes: Uint8Array, output: string): Uint8Array {
  const fields = Array.from(wireFields(bytes));
  const needed = new Set([output]);
  const kept = new Set<WireField>();
  for (const field of fields.toReversed()) {
    if (field.number !== graph.node || !textsOf(field, node.output).some((name) => needed.has(name))) continue;
    kept.add(field);
    for (const name of readBy(field)) needed.add(name);
  }
  const stays = (field: WireField): boolean => {
    if (field.number === graph.node) return kept.has(field);
    if (field.number === graph.output) return textsOf(field, valueInfoName).includes(output);
    if (field.number === graph.initializer) return textsOf(field, initializerName).some((name) => needed.has(name));
    if (field.number === graph.valueInfo) return textsOf(field, valueInfoName).some((name) => needed.has(name));
    return true;
  };
  return Buffer.concat(fields.filter(stays).map(({ raw }) => raw));
}

/** What a node reads: its inputs, and what the graphs within it, as a branch has them, take from around them. */
function* readBy(field: WireField): Generator<string> {
  yield* textsOf(field, node.input);
  for (const each of fieldsOf(field, node.attribute)) {
    for (const inner of [...fieldsOf(each, attribute.graph), ...fieldsOf(each, attribute.graphs)]) {
      for (const nested of fieldsOf(inner, graph.node)) yield* readBy(nested);
      // A branch may hand on what it did not make.
      for (const result of fieldsOf(inner, graph.output)) yield* textsOf(result, valueInfoName);
    }
  }
}

const fieldsOf = (message: WireField, number: number): readonly WireField[] =>
  Array.from(wireFields(message.value)).filter((field) => field.number === number);

const textsOf = (message: WireField, number: number): readonly string[] => fieldsOf(message, number).map(textOf);
