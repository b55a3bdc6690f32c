import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import { floats, tokenFeeds } from './batch.ts';
import type { Corpus } from './corpus.ts';
import type { EvaluateMessage } from './evaluator-protocol.ts';
import { fitGraph } from './fit.ts';
import { type ExternalTensor, readGraph, tensorsAsInputs } from './graph.ts';
import { type GroupWeights, readGroupWeights } from './group-weights.ts';
import { type PartPaths, partFile } from './parts.ts';
import { copyParts } from './private-copy.ts';
import { rowsAtOnce } from './rows-at-once.ts';
import { openSession, type SessionSettings } from './session.ts';

/** One row of one group's held-out slice. */
export interface HeldOutRow {
  readonly group: number;
  readonly row: number;
}

/** Weights of a model's judged group, or of the whole model, and what is known of them. */
interface Weights {
  readonly key: string;
  /** Null where all weights lie in the session's files. */
  readonly group: GroupWeights | null;
  /** Losses by row. A row's loss depends on nothing but the weights, so the base's are computed once in a cycle. */
  readonly losses: Map<string, number>;
}

/** A model in memory, ready to be evaluated. */
interface Loaded {
  readonly key: string;
  readonly folder: string;
  readonly session: InferenceSession;
  /** Least recently used first. */
  readonly weights: Weights[];
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
const keptWeights = 2;
/**
 * Miners of different groups are judged in any order. A device's own memory is scarcer than what files are mapped to.
 */
const keptSessions = { cpu: 4, device: 2 } as const;

type Question = Pick<EvaluateMessage, 'parts' | 'group' | 'candidate' | 'rows' | 'batchSize'>;

/**
 * Computes losses of models whose parts lie in files. Runs in the evaluator's process.
 *
 * Opening a session takes half as long as judging a submission. So the judged group's weights are inputs, and one
 * session serves for the base and all submissions of the group; the others' are mapped from files.
 */
export class LossModels {
  readonly #settings: LossSettings;
  readonly #external: readonly ExternalTensor[];
  /** Least recently used first. */
  readonly #loaded: Loaded[] = [];
  #count = 0;

  /** @throws OST_MODEL_GRAPH_MALFORMED */
  constructor(settings: LossSettings) {
    this.#settings = settings;
    this.#external = readGraph(settings.graph, graphFile).external;
  }

  /** @throws OST_MODEL_SHAPE_MISMATCH or a safetensors error for a candidate that does not fit */
  async losses({ parts, group, candidate, rows, batchSize }: Question): Promise<RowLosses> {
    try {
      const judged = group !== null && this.#canBeInputs(group) ? group : null;
      const { session, weights } = await this.#model(parts, judged);
      return await this.#compute(session, weights, { rows, batchSize });
    } catch (error) {
      throw blamed(error, candidate ? group : null);
    }
  }

  async #compute(
    session: InferenceSession,
    { group, losses }: Weights,
    { rows, batchSize }: Pick<Question, 'rows' | 'batchSize'>,
  ): Promise<RowLosses> {
    const keyOf = ({ group: of, row }: HeldOutRow) => `${of}/${row}`;
    const missing = rows.filter((row) => !losses.has(keyOf(row)));
    const { corpus } = this.#settings;
    const size = rowsAtOnce(batchSize, corpus.description);
    for (let at = 0; at < missing.length; at += size) {
      const batch = missing.slice(at, at + size);
      const texts = batch.map((each) => ({ group: each.group, text: corpus.heldOutRow(each.group, each.row) }));
      const outputs = await session.run({ ...tokenFeeds(texts, corpus.description), ...group?.feeds });
      const found = floats(outputs, 'losses');
      for (const [index, row] of batch.entries()) losses.set(keyOf(row), found[index] ?? Number.NaN);
    }
    return { losses: rows.map((row) => losses.get(keyOf(row)) ?? Number.NaN), computed: missing.length };
  }

  /** ONNX Runtime takes no 16-bit floats from JavaScript; such a group gets a session for each of its files. */
  #canBeInputs(group: number): boolean {
    const own = this.#external.filter(({ location }) => location === partFile(group));
    return own.length > 0 && own.every(({ dtype }) => dtype === 'F32');
  }

  async #model(parts: PartPaths, judged: number | null) {
    const identities = await identitiesOf(parts);
    const own = judged === null ? '' : (identities.groups[judged] ?? '');
    const others = identities.groups.map((identity, group) => (group === judged ? 'input' : identity));
    const key = [identities.shared, ...others].join(' ');
    const loaded = await recent(this.#loaded, key, () => this.#open(parts, judged, key));
    const kept = keptSessions[(this.#settings.session.provider ?? 'cpu') === 'cpu' ? 'cpu' : 'device'];
    while (this.#loaded.length > kept) await this.#release(this.#loaded.shift());
    const weights = await recent(loaded.weights, own, async () => {
      const unused = loaded.weights.length < keptWeights ? undefined : loaded.weights.shift();
      return { key: own, group: await this.#read(parts, judged, unused), losses: new Map<string, number>() };
    });
    return { session: loaded.session, weights };
  }

  async #read(parts: PartPaths, group: number | null, unused: Weights | undefined): Promise<GroupWeights | null> {
    const path = group === null ? undefined : parts.groups[group];
    if (group === null || path === undefined) return null;
    return await readGroupWeights(path, { group, external: this.#external }, unused?.group?.memory);
  }

  async #open(parts: PartPaths, judged: number | null, key: string): Promise<Loaded> {
    this.#count += 1;
    const folder = join(this.#settings.folder, `model-${this.#count}`);
    try {
      const { graph: whole } = this.#settings;
      const graph = judged === null ? whole : tensorsAsInputs(whole, graphFile, partFile(judged));
      const placed = await copyParts(parts, folder, judged);
      const session = await openSession(fitGraph(graph, graphFile, placed), { folder, ...this.#settings.session });
      return { key, folder, session, weights: [] };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async #release(model: Loaded | undefined): Promise<void> {
    if (model === undefined) return;
    await model.session.release();
    await rm(model.folder, { recursive: true, force: true });
  }
}

const graphFile = 'loss.onnx';

/** The one with this key, which becomes the most recently used, or a new one. */
async function recent<T extends { readonly key: string }>(kept: T[], key: string, make: () => Promise<T>): Promise<T> {
  const at = kept.findIndex((each) => each.key === key);
  const found = (at < 0 ? undefined : kept.splice(at, 1)[0]) ?? (await make());
  kept.push(found);
  return found;
}

/** Only the candidate's file is the miner's. A part of our own that does not fit must not cost anybody a score. */
function blamed(error: unknown, candidate: number | null): unknown {
  if (!isOstinatoError(error) || error.fault !== 'miner') return error;
  const { file } = error.params;
  if (candidate !== null && file === partFile(candidate)) return error;
  return fail('OST_MODEL_GRAPH_MALFORMED', { file: graphFile, problem: error.message }, { cause: error });
}

/** Equal exactly where the files are: a replaced file has another inode or time. */
async function identitiesOf(parts: PartPaths) {
  const identityOf = async (path: string): Promise<string> => {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}`;
  };
  return { shared: await identityOf(parts.shared), groups: await Promise.all(parts.groups.map(identityOf)) };
}
