import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { decodeTable, type FloatFormat, isFloatFormat } from '../../domain/merge/float-formats.ts';
import { readFully } from '../artifacts/read-fully.ts';
import { readSafetensorsHeader, type TensorEntry } from '../artifacts/safetensors-header.ts';
import { floats, mean, type TaggedRow, tokenFeeds } from './batch.ts';
import { type ModelDescription, readModelFile } from './description.ts';
import { checkTensors, fitGraph } from './fit.ts';
import { readGraph } from './graph.ts';
import { pruneTo } from './graph-pruning.ts';
import { type PartPaths, partFile } from './parts.ts';
import { copyParts } from './private-copy.ts';
import { openSession } from './session.ts';

/**
 * A group's tensor in memory. The session reads `data` where it lies: changes in place take effect with the next run.
 */
export interface GroupTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As what files store it. */
  readonly dtype: FloatFormat;
  readonly data: Float32Array;
}

export interface Gradients {
  /** Mean loss of the batch. */
  readonly loss: number;
  /** In the order of the model's tensors. */
  readonly gradients: readonly Float32Array[];
}

/** A model of which one group can be trained. */
export class GradientModel {
  readonly tensors: readonly GroupTensor[];
  /** Whether the graph takes a loss scale. */
  readonly scales: boolean;
  readonly #session: InferenceSession;
  readonly #description: ModelDescription;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  readonly #openLosses: () => Promise<InferenceSession>;
  /** Opened with the first judgement: of several processes that share a step, only one judges. */
  #losses: Promise<InferenceSession> | null = null;

  private constructor(
    session: InferenceSession,
    openLosses: () => Promise<InferenceSession>,
    trained: TrainedGroup,
    description: ModelDescription,
  ) {
    const { tensors, scales } = trained;
    this.#session = session;
    this.#openLosses = openLosses;
    this.#description = description;
    this.tensors = tensors;
    this.scales = scales;
    this.#feeds = Object.fromEntries(
      tensors.map(({ name, shape, data }) => [name, new Tensor('float32', data, [...shape])]),
    );
  }

  /**
   * @param folder a private folder for copies of the parts, which must live as long as the model
   * @throws OST_MODEL_FILE_MISSING, OST_MODEL_GRAPH_MALFORMED, OST_MODEL_SHAPE_MISMATCH or a safetensors error
   */
  static async open(
    options: { readonly modelFolder: string; readonly parts: PartPaths; readonly group: number },
    {
      folder,
      threads,
      description,
    }: { readonly folder: string; readonly threads: number; readonly description: ModelDescription },
  ): Promise<GradientModel> {
    const { modelFolder, parts, group } = options;
    const file = gradientsFile(group);
    const graph = await readModelFile(modelFolder, file);
    const placed = await copyParts(parts, folder);
    const own = join(folder, partFile(group));
    const trained = await readTrained(own, { modelFolder, group, graph });
    const fitted = fitGraph(graph, file, placed);
    const session = await openSession(fitted, { folder, threads });
    const openLosses = () => openSession(pruneTo(fitted, lossesOutput), { folder, threads });
    return new GradientModel(session, openLosses, trained, description);
  }

  /** Loss and gradients over the rows. @param lossScale what the loss is multiplied with, where the graph takes one */
  async gradients(rows: readonly TaggedRow[], lossScale = 1): Promise<Gradients> {
    const scale = this.scales ? { [lossScaleInput]: new Tensor('float32', Float32Array.of(lossScale), []) } : {};
    const outputs = await this.#session.run({ ...tokenFeeds(rows, this.#description), ...this.#feeds, ...scale });
    return {
      loss: mean(Array.from(floats(outputs, lossesOutput))),
      gradients: this.tensors.map(({ name }) => floats(outputs, `gradient.${name}`)),
    };
  }

  /** Mean loss over rows, computed in batches and without the gradients. */
  async loss(rows: readonly TaggedRow[], batchSize: number): Promise<number> {
    this.#losses ??= this.#openLosses();
    const session = await this.#losses;
    const losses: number[] = [];
    for (let at = 0; at < rows.length; at += batchSize) {
      const one = this.scales ? { [lossScaleInput]: new Tensor('float32', Float32Array.of(1), []) } : {};
      const feeds = { ...tokenFeeds(rows.slice(at, at + batchSize), this.#description), ...this.#feeds, ...one };
      losses.push(...floats(await session.run(feeds), lossesOutput));
    }
    return mean(losses);
  }

  async release(): Promise<void> {
    await this.#session.release();
    await (await this.#losses)?.release();
  }
}

const gradientsFile = (group: number): string => `gradients_${group}.onnx`;
const lossScaleInput = 'loss_scale';
const lossesOutput = 'losses';

/** What of a group is trained, and whether its graph takes a loss scale. */
export interface TrainedGroup {
  readonly tensors: readonly GroupTensor[];
  readonly scales: boolean;
}

/** The weights to begin with, without a session. @throws as {@link GradientModel.open} */
export async function readGroupTensors(options: {
  readonly modelFolder: string;
  readonly parts: PartPaths;
  readonly group: number;
}): Promise<TrainedGroup> {
  const { modelFolder, parts, group } = options;
  const own = parts.groups[group];
  if (own === undefined) throw new RangeError(`no group ${group}`);
  return readTrained(own, { modelFolder, group, graph: await readModelFile(modelFolder, gradientsFile(group)) });
}

/** The tensors that a gradient graph takes as inputs, from the group's file, which must fit the model. */
async function readTrained(
  own: string,
  { modelFolder, group, graph }: { readonly modelFolder: string; readonly group: number; readonly graph: Uint8Array },
): Promise<TrainedGroup> {
  const header = await readSafetensorsHeader(own);
  const expected = readGraph(await readModelFile(modelFolder, 'loss.onnx'), 'loss.onnx').external;
  checkTensors({ location: partFile(group), header }, expected);
  const { inputs } = readGraph(graph, gradientsFile(group));
  const trained = inputs.filter((name) => header.tensors.has(name));
  return { tensors: await readTensors(own, header.tensors, trained), scales: inputs.includes(lossScaleInput) };
}

async function readTensors(
  path: string,
  entries: ReadonlyMap<string, TensorEntry>,
  names: readonly string[],
): Promise<readonly GroupTensor[]> {
  await using handle = await open(path, 'r');
  const tensors: GroupTensor[] = [];
  for (const name of names) {
    const entry = entries.get(name);
    if (entry === undefined) continue;
    const stored = new Uint8Array(entry.end - entry.begin);
    if (!(await readFully(handle, stored, entry.begin))) throw new RangeError(`"${name}" is cut`);
    if (!isFloatFormat(entry.dtype)) throw new TypeError(`"${name}" is no float tensor`);
    tensors.push({ name, shape: entry.shape, dtype: entry.dtype, data: decoded(entry.dtype, stored.buffer) });
  }
  return tensors;
}

function decoded(dtype: FloatFormat, bytes: ArrayBuffer): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes);
  const table = decodeTable(dtype);
  return Float32Array.from(new Uint16Array(bytes), (code) => table[code] ?? Number.NaN);
}
