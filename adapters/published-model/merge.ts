import { readFile } from 'node:fs/promises';
import type { ArtifactRef } from '../../domain/artifact.ts';
import { fail } from '../../domain/errors/error.ts';
import type { ModelManifest, ModelPart } from '../../domain/model-manifest.ts';
import { meanPseudoGradient, type NesterovSettings, nesterovStep } from '../../domain/outer-step.ts';
import type { Blocks } from '../../domain/units.ts';
import { readSafetensorsHeader, type SafetensorsHeader } from '../artifacts/safetensors-header.ts';
import type { TensorSource } from '../artifacts/safetensors-writer.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { hashTensors, hashTensorsOf } from '../artifacts/tensor-hash.ts';
import { storeFull, storeTensors } from './full-file.ts';

export interface Contribution {
  readonly group: number;
  readonly digest: string;
}

/**
 * The outer step of one cycle: each group moves along the mean pseudo-gradient of its contributions, in the order
 * given; groups without one stay, momentum included. No rounding here depends on the machine, so the same
 * contributions give the same bytes everywhere.
 */
export async function outerStep(
  base: ModelManifest,
  contributions: readonly Contribution[],
  settings: NesterovSettings & { readonly version: Blocks },
  store: ArtifactStore,
): Promise<ModelManifest> {
  const parts: ModelPart[] = [];
  const momentum: ModelManifest['momentum'][number][] = [];
  for (const part of base.parts) {
    const group = part.part;
    const mine = contributions.filter((each) => each.group === group);
    const before = base.momentum.find((each) => each.part === group);
    if (group === 'shared' || mine.length === 0) {
      parts.push(part);
      if (before !== undefined) momentum.push(before);
      continue;
    }
    const stepped = await stepGroup(
      store.path(part.ref.digest),
      mine.map(({ digest }) => store.path(digest)),
      before === undefined ? null : store.path(before.ref.digest),
      settings,
      store,
    );
    parts.push({ part: group, ref: stepped.ref, hash: (await hashTensors(store.path(stepped.ref.digest))).hash });
    momentum.push({ part: group, ref: stepped.momentum });
  }
  const { hash } = await hashTensorsOf(parts.map(({ ref }) => store.path(ref.digest)));
  return { version: settings.version, hash, parts, full: await storeFull(parts, store), momentum };
}

async function stepGroup(
  baseFile: string,
  candidateFiles: readonly string[],
  momentumFile: string | null,
  settings: NesterovSettings,
  store: ArtifactStore,
): Promise<{ readonly ref: ArtifactRef; readonly momentum: ArtifactRef }> {
  const base = await openTensors(baseFile);
  const candidates = await Promise.all(candidateFiles.map(openTensors));
  const before = momentumFile === null ? null : await openTensors(momentumFile);
  const params: TensorSource[] = [];
  const buffers: TensorSource[] = [];
  for (const [name, { dtype, shape }] of base.header.tensors) {
    if (dtype !== 'F32') throw fail('OST_MODEL_DTYPE', { tensor: name, dtype });
    const values = base.read(name);
    const gradient = meanPseudoGradient(
      values,
      candidates.map((candidate) => candidate.read(name)),
    );
    const step = nesterovStep(values, gradient, before?.read(name) ?? null, settings);
    params.push({ name, dtype, shape, data: bytesOf(step.params) });
    buffers.push({ name, dtype, shape, data: bytesOf(step.momentum) });
  }
  return { ref: await storeTensors(params, store), momentum: await storeTensors(buffers, store) };
}

interface Tensors {
  readonly header: SafetensorsHeader;
  read(name: string): Float32Array;
}

async function openTensors(file: string): Promise<Tensors> {
  const header = await readSafetensorsHeader(file);
  const bytes = await readFile(file);
  return {
    header,
    read(name) {
      const entry = header.tensors.get(name);
      if (entry === undefined || entry.dtype !== 'F32') throw fail('OST_MODEL_DTYPE', { tensor: name, dtype: 'none' });
      // Copied, because a tensor may begin at any byte and a Float32Array only at every fourth.
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset + entry.begin, bytes.byteOffset + entry.end));
    },
  };
}

const bytesOf = (values: Float32Array<ArrayBuffer>): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
