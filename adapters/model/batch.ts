import { Tensor } from 'onnxruntime-node';

/** The two token inputs that all graphs have. */
export interface TokenFeeds extends Readonly<Record<string, Tensor>> {
  readonly tokens: Tensor;
  readonly targets: Tensor;
}

/** Turns rows of `context + 1` bytes into the graphs' inputs: the targets are the tokens one place further. */
export function tokenFeeds(rows: readonly Uint8Array[], context: number): TokenFeeds {
  const tokens = new Int32Array(rows.length * context);
  const targets = new Int32Array(rows.length * context);
  for (const [index, row] of rows.entries()) {
    tokens.set(row.subarray(0, context), index * context);
    targets.set(row.subarray(1, context + 1), index * context);
  }
  const shape = [rows.length, context];
  return { tokens: new Tensor('int32', tokens, shape), targets: new Tensor('int32', targets, shape) };
}

/** A float output of a run. */
export function floats(outputs: Readonly<Record<string, { readonly data: unknown }>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`the graph has no float output "${name}"`);
  return data;
}

/** Mean in the order given. Sums of doubles in one fixed order are the same on every machine. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
