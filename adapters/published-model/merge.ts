import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ModelManifest, ModelPart } from '../../domain/model-manifest.ts';
import { type NesterovSettings, nesterovStep } from '../../domain/outer-step.ts';
import type { Blocks } from '../../domain/units.ts';
import { writeAll } from '../artifacts/atomic-file.ts';
import type { TensorSource } from '../artifacts/safetensors-writer.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { temporaryPath } from '../artifacts/temporary-files.ts';
import { hashTensors, hashTensorsOf } from '../artifacts/tensor-hash.ts';
import { Averaging } from '../merge/average.ts';
import { bytesIn } from '../merge/encode.ts';
import { chunkElements, chunksOf, elementsOf, TensorFile } from '../merge/tensor-file.ts';
import { storeFull, storeTensors } from './full-file.ts';

/** One validator's pseudo-gradient of one group, in the store. */
export interface GradientFile {
  readonly group: number;
  readonly digest: string;
}

/**
 * The outer step of one cycle: each group moves along the mean of its pseudo-gradients, with Nesterov momentum; groups
 * without one stay, momentum included. The mean is exact and no rounding depends on the machine, so the same
 * pseudo-gradients, in any order, give the same bytes everywhere. Memory does not grow with the model.
 */
export async function outerStep(
  base: ModelManifest,
  gradients: readonly GradientFile[],
  settings: NesterovSettings & { readonly version: Blocks },
  store: ArtifactStore,
): Promise<ModelManifest> {
  const parts: ModelPart[] = [];
  const momentum: ModelManifest['momentum'][number][] = [];
  for (const part of base.parts) {
    const group = part.part;
    const mine = gradients.filter((each) => each.group === group);
    const before = base.momentum.find((each) => each.part === group);
    if (group === 'shared' || mine.length === 0) {
      parts.push(part);
      if (before !== undefined) momentum.push(before);
      continue;
    }
    const stepped = await stepGroup(
      {
        part: store.path(part.ref.digest),
        gradients: mine.map(({ digest }) => store.path(digest)),
        momentum: before === undefined ? null : store.path(before.ref.digest),
      },
      settings,
      store,
    );
    parts.push({ part: group, ref: stepped.ref, hash: (await hashTensors(store.path(stepped.ref.digest))).hash });
    momentum.push({ part: group, ref: stepped.momentum });
  }
  const { hash } = await hashTensorsOf(parts.map(({ ref }) => store.path(ref.digest)));
  return { version: settings.version, hash, parts, full: await storeFull(parts, store), momentum };
}

interface GroupFiles {
  readonly part: string;
  readonly gradients: readonly string[];
  readonly momentum: string | null;
}

async function stepGroup(
  files: GroupFiles,
  settings: NesterovSettings,
  store: ArtifactStore,
): Promise<{ readonly ref: ArtifactRef; readonly momentum: ArtifactRef }> {
  await using opened = new AsyncDisposableStack();
  const base = opened.use(await TensorFile.open(files.part));
  const before = files.momentum === null ? null : opened.use(await TensorFile.open(files.momentum));
  const gradients: TensorFile[] = [];
  for (const file of files.gradients) gradients.push(opened.use(await TensorFile.open(file)));
  const averaging = new Averaging(gradients);
  // One pass makes both files; the second one waits on disk, because a writer takes one file at a time.
  const aside = temporaryPath(join(store.folder, 'tmp'));
  opened.defer(() => rm(aside, { force: true }));
  const spill = opened.use(await open(aside, 'wx'));

  const buffers: TensorSource[] = [];
  const mean = new Float32Array(chunkElements);
  let spilled = 0;
  const params = [...base.header.tensors].map(([name, entry]): TensorSource => {
    const data = async function* (): AsyncGenerator<Uint8Array> {
      const format = base.format(name);
      const begin = spilled;
      for (const chunk of chunksOf(name, entry)) {
        const gradient = await averaging.mean(chunk, mean);
        const step = nesterovStep(await base.values(chunk), gradient, (await before?.values(chunk)) ?? null, settings);
        spilled += await append(spill, bytesIn('F32', step.momentum));
        yield bytesIn(format, step.params);
      }
      const end = begin + elementsOf(entry) * 4;
      buffers.push({ name, dtype: 'F32', shape: entry.shape, data: () => rangeOf(aside, begin, end) });
    };
    return { name, dtype: entry.dtype, shape: entry.shape, data };
  });
  const ref = await storeTensors(params, store);
  return { ref, momentum: await storeTensors(buffers, store) };
}

async function append(handle: FileHandle, bytes: Uint8Array): Promise<number> {
  await writeAll(handle, bytes);
  return bytes.length;
}

const rangeOf = (file: string, begin: number, end: number): AsyncIterable<Uint8Array> =>
  end === begin ? emptyStream() : createReadStream(file, { start: begin, end: end - 1, highWaterMark: 1024 * 1024 });

async function* emptyStream(): AsyncGenerator<Uint8Array> {
  // A tensor without elements has no bytes.
}
