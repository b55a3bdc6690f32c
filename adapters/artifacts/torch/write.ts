import { createReadStream } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fail } from '../../../domain/errors/error.ts';
import { diskError, writeAtomically } from '../atomic-file.ts';
import { checkFreeSpace } from '../incoming.ts';
import { readSafetensorsHeader } from '../safetensors-header.ts';
import { isTorchType, pickleCheckpoint } from './pickle-writer.ts';
import { ZipWriter } from './zip-writer.ts';

/**
 * Writes the tensors of a safetensors file as the originals' clients load them: a file of torch.save with
 * `model_state_dict` and `loss`. Equal tensors give equal files.
 *
 * @returns bytes of the file
 * @throws OST_TORCH_TENSOR for a type that torch has no storage for, OST_DISK_FULL
 */
export async function writeTorchFile(from: string, to: string): Promise<number> {
  const { tensors, fileBytes } = await readSafetensorsHeader(from);
  const placed = [...tensors].map(([name, entry], index) => ({ name, ...entry, key: String(index) }));
  const strange = placed.find(({ dtype }) => !isTorchType(dtype));
  if (strange !== undefined) {
    const problem = `torch has no storage of the type ${strange.dtype}`;
    throw fail('OST_TORCH_TENSOR', { file: basename(from), tensor: strange.name, problem });
  }
  await checkFreeSpace(dirname(to), fileBytes);
  try {
    return await writeAtomically(to, async (handle) => {
      const zip = new ZipWriter(handle);
      await zip.add('archive/data.pkl', pickleCheckpoint(placed));
      await zip.add('archive/byteorder', Buffer.from('little'));
      for (const { key, begin, end } of placed) await zip.add(`archive/data/${key}`, bytesOf(from, begin, end));
      await zip.add('archive/version', Buffer.from('3\n'));
      return await zip.end();
    });
  } catch (error) {
    throw diskError(error, dirname(to), fileBytes);
  }
}

async function* bytesOf(file: string, begin: number, end: number): AsyncGenerator<Uint8Array> {
  if (end > begin) yield* createReadStream(file, { start: begin, end: end - 1, highWaterMark: 1024 * 1024 });
}
