import { Tensor } from 'onnxruntime-node';
import type { Tokens } from '../data/tokens.ts';
import type { ModelDescription } from './description.ts';

/** The two token inputs that all graphs have. */
export interface TokenFeeds extends Readonly<Record<string, Tensor>> {
  readonly tokens: Tensor;
  readonly targets: Tensor;
}

/** Text with the group that it is from. */
export interface TaggedRow {
  readonly group: number;
  /** `context` tokens; bytes where the vocabulary is bytes. */
  readonly text: Tokens;
}

/** What of a model decides how rows are fed to it. */
export type RowFormat = Pick<ModelDescription, 'context' | 'vocabulary' | 'tags' | 'firstToken'>;

/**
 * The graphs' inputs for rows of text. A row begins with its group's tag, by which the router knows whose experts it is
 * for, or with the one token that a model without tags begins any text with; then each token is to be predicted from
 * what came before it.
 */
export function tokenFeeds(rows: readonly TaggedRow[], format: RowFormat): TokenFeeds {
  const { context } = format;
  const tokens = new Int32Array(rows.length * context);
  const targets = new Int32Array(rows.length * context);
  for (const [index, { group, text }] of rows.entries()) {
    tokens[index * context] = firstOf(group, format);
    tokens.set(text.subarray(0, context - 1), index * context + 1);
    targets.set(text, index * context);
  }
  const shape = [rows.length, context];
  return { tokens: new Tensor('int32', tokens, shape), targets: new Tensor('int32', targets, shape) };
}

const firstOf = (group: number, { vocabulary, tags, firstToken }: RowFormat): number =>
  tags === 0 ? (firstToken ?? 0) : vocabulary + group;

/** A float output of a run. */
export function floats(outputs: Readonly<Record<string, { readonly data: unknown }>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`the graph has no float output "${name}"`);
  return data;
}

/** Mean in the order given. Sums of doubles in one fixed order are the same on every machine. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
