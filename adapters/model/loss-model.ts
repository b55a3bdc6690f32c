import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import { floats, tokenFeeds } from './batch.ts';
import type { Corpus } from './corpus.ts';
import { fitGraph } from './fit.ts';
import { type PartPaths, partFile } from './parts.ts';
import { copyParts } from './private-copy.ts';
import { openSession, type SessionSettings } from './session.ts';

/** One row of one group's held-out slice. */
export interface HeldOutRow {
  readonly group: number;
  readonly row: number;
}

/** A model in memory, ready to be evaluated. */
interface Loaded {
  readonly key: string;
  readonly folder: string;
  readonly session: InferenceSession;
  /** Losses by row. A row's loss depends on nothing but the weights, so the base's are computed once in a cycle. */
  readonly losses: Map<string, number>;
}

export interface LossSettings {
  readonly graph: Uint8Array;
  readonly corpus: Corpus;
  /** Where the private copies lie. */
  readonly folder: string;
  readonly session: Omit<SessionSettings, 'folder'>;
}

export interface RowLosses {
  /** In the order of the rows that were asked for. */
  readonly losses: readonly number[];
  /** How many of them had to be computed; the others were known. */
  readonly computed: number;
}

/** The base and the candidate at hand; a cycle alternates between them, so that two are enough for all. */
const keptModels = 2;

/** Computes losses of models whose parts lie in files. Runs in the evaluator's process. */
export class LossModels {
  readonly #settings: LossSettings;
  /** Least recently used first. */
  readonly #loaded: Loaded[] = [];
  #count = 0;

  constructor(settings: LossSettings) {
    this.#settings = settings;
  }

  /**
   * @param candidate the group whose file may be at fault, as somebody else's; null where all files are our own
   * @throws OST_MODEL_SHAPE_MISMATCH or a safetensors error for a candidate that does not fit
   */
  async losses(
    parts: PartPaths,
    candidate: number | null,
    rows: readonly HeldOutRow[],
    batchSize: number,
  ): Promise<RowLosses> {
    const model = await this.#model(parts, candidate);
    const keyOf = ({ group, row }: HeldOutRow) => `${group}/${row}`;
    const missing = rows.filter((row) => !model.losses.has(keyOf(row)));
    const { corpus } = this.#settings;
    for (let at = 0; at < missing.length; at += batchSize) {
      const batch = missing.slice(at, at + batchSize);
      const texts = batch.map(({ group, row }) => ({ group, text: corpus.heldOutRow(group, row) }));
      const outputs = await model.session.run(tokenFeeds(texts, corpus.description));
      const losses = floats(outputs, 'losses');
      for (const [index, row] of batch.entries()) model.losses.set(keyOf(row), losses[index] ?? Number.NaN);
    }
    return { losses: rows.map((row) => model.losses.get(keyOf(row)) ?? Number.NaN), computed: missing.length };
  }

  async #model(parts: PartPaths, candidate: number | null): Promise<Loaded> {
    const key = await identityOf(parts);
    const at = this.#loaded.findIndex((model) => model.key === key);
    const found = at < 0 ? await this.#load(parts, key, candidate) : this.#loaded.splice(at, 1)[0];
    if (found === undefined) throw new RangeError('no model');
    this.#loaded.push(found);
    while (this.#loaded.length > keptModels) await this.#release(this.#loaded.shift());
    return found;
  }

  async #load(parts: PartPaths, key: string, candidate: number | null): Promise<Loaded> {
    this.#count += 1;
    const folder = join(this.#settings.folder, `model-${this.#count}`);
    try {
      const placed = await copyParts(parts, folder);
      const graph = fitGraph(this.#settings.graph, 'loss.onnx', placed);
      const session = await openSession(graph, { folder, ...this.#settings.session });
      return { key, folder, session, losses: new Map() };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw blamed(error, candidate);
    }
  }

  async #release(model: Loaded | undefined): Promise<void> {
    if (model === undefined) return;
    await model.session.release();
    await rm(model.folder, { recursive: true, force: true });
  }
}

/** Only the candidate's file is the miner's. A part of our own that does not fit must not cost anybody a score. */
function blamed(error: unknown, candidate: number | null): unknown {
  if (!isOstinatoError(error) || error.fault !== 'miner') return error;
  const { file } = error.params;
  if (candidate !== null && file === partFile(candidate)) return error;
  return fail('OST_MODEL_GRAPH_MALFORMED', { file: 'loss.onnx', problem: error.message }, { cause: error });
}

/** Equal exactly where the files are: a replaced file has another inode or time. */
async function identityOf(parts: PartPaths): Promise<string> {
  const identities = [parts.shared, ...parts.groups].map(async (path) => {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}`;
  });
  return (await Promise.all(identities)).join(' ');
}
