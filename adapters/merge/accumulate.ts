import type { ArtifactRef } from '../../domain/artifact.ts';
import type { GradientFault } from '../../domain/merge/decide.ts';
import { addDifferences, meanOf } from '../../domain/merge/exact-mean.ts';
import { byHotkey } from '../../domain/order.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { TensorSource } from '../artifacts/safetensors-writer.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { storeTensors } from '../published-model/full-file.ts';
import { checkSubmission } from './check-gradient.ts';
import { bytesIn } from './encode.ts';
import { chunkElements, chunksOf, TensorFile } from './tensor-file.ts';

export interface AcceptedFile {
  readonly hotkey: Hotkey;
  readonly file: string;
}

export interface Accumulated {
  /** Null where nobody is left. */
  readonly ref: ArtifactRef | null;
  readonly included: readonly Hotkey[];
  /** Whose file cannot be a term, though its loss was good: the others must not suffer from it. */
  readonly excluded: readonly { readonly hotkey: Hotkey; readonly reason: GradientFault; readonly detail: string }[];
}

/**
 * The pseudo-gradient of one group: the exact mean of (base − submission) over all accepted submissions that can be
 * terms, in the type of the base. Equal submissions give equal bytes, in whatever order they are given.
 */
export async function accumulate(
  group: number,
  partFile: string,
  accepted: readonly AcceptedFile[],
  store: ArtifactStore,
): Promise<Accumulated> {
  const included: AcceptedFile[] = [];
  const excluded: Accumulated['excluded'][number][] = [];
  for (const each of accepted.toSorted(byHotkey)) {
    const fault = await checkSubmission(each.file, partFile);
    if (fault === null) included.push(each);
    else excluded.push({ hotkey: each.hotkey, ...fault });
  }
  if (included.length === 0) return { ref: null, included: [], excluded };

  await using opened = new AsyncDisposableStack();
  const base = opened.use(await TensorFile.open(partFile));
  const files: TensorFile[] = [];
  for (const { file } of included) files.push(opened.use(await TensorFile.open(file)));
  const tensors = [...base.header.tensors].map(([name, entry]): TensorSource => {
    const data = async function* (): AsyncGenerator<Uint8Array> {
      const format = base.format(name);
      for (const chunk of chunksOf(name, entry)) {
        const sum = new Float64Array(chunk.count);
        const before = await base.values(chunk);
        for (const file of files) addDifferences(sum, before, await file.values(chunk));
        const mean = new Float32Array(Math.min(chunk.count, chunkElements));
        meanOf(sum, files.length, mean);
        yield bytesIn(format, mean);
      }
    };
    return { name, dtype: entry.dtype, shape: entry.shape, data };
  });
  const hotkeys = included.map(({ hotkey }) => hotkey);
  const metadata = {
    kind: 'pseudo-gradient',
    group: String(group),
    weight: `1/${hotkeys.length}`,
    of: hotkeys.join(' '),
  };
  return { ref: await storeTensors(tensors, store, metadata), included: hotkeys, excluded };
}
