import { attributeField, graphField, modelGraph, nodeField, tensorField, valueInfoName } from './onnx-fields.ts';
import { mapFields, textOf, type WireField, wireBytes, wireFields } from './wire.ts';

/**
 * Copies a model with one of its outputs and no more than that needs. ONNX Runtime computes every node of a graph,
 * whichever outputs are asked for: the losses alone of a gradient graph would cost as much as all gradients.
 *
 * Inputs stay, so that both are fed alike.
 *
 * @param model a readable ONNX model, whose nodes are in the order that ONNX demands: none before what it reads
 */
export function pruneTo(model: Uint8Array, output: string): Uint8Array {
  return Buffer.concat(mapFields(model, modelGraph, ({ value }) => wireBytes(modelGraph, prunedGraph(value, output))));
}

function prunedGraph(bytes: Uint8Array, output: string): Uint8Array {
  const fields = Array.from(wireFields(bytes));
  const needed = new Set([output]);
  const kept = new Set<WireField>();
  for (const field of fields.toReversed()) {
    if (field.number !== graphField.node || !textsOf(field, nodeField.output).some((name) => needed.has(name)))
      continue;
    kept.add(field);
    for (const name of readBy(field)) needed.add(name);
  }
  const stays = (field: WireField): boolean => {
    if (field.number === graphField.node) return kept.has(field);
    if (field.number === graphField.output) return textsOf(field, valueInfoName).includes(output);
    if (field.number === graphField.initializer)
      return textsOf(field, tensorField.name).some((name) => needed.has(name));
    if (field.number === graphField.valueInfo) return textsOf(field, valueInfoName).some((name) => needed.has(name));
    return true;
  };
  return Buffer.concat(fields.filter(stays).map(({ raw }) => raw));
}

/** What a node reads: its inputs, and what the graphs within it, as a branch has them, take from around them. */
function* readBy(field: WireField): Generator<string> {
  yield* textsOf(field, nodeField.input);
  for (const each of fieldsOf(field, nodeField.attribute)) {
    for (const inner of [...fieldsOf(each, attributeField.graph), ...fieldsOf(each, attributeField.graphs)]) {
      for (const nested of fieldsOf(inner, graphField.node)) yield* readBy(nested);
      // A branch may hand on what it did not make.
      for (const result of fieldsOf(inner, graphField.output)) yield* textsOf(result, valueInfoName);
    }
  }
}

const fieldsOf = (message: WireField, number: number): readonly WireField[] =>
  Array.from(wireFields(message.value)).filter((field) => field.number === number);

const textsOf = (message: WireField, number: number): readonly string[] => fieldsOf(message, number).map(textOf);
