import { open } from 'node:fs/promises';

/**
 * How a ZIP archive begins, and a pickle of protocol 2 and later: torch.save writes the one today, the other long ago.
 */
const zip = Buffer.from('PK\u0003\u0004', 'latin1');
const pickle = 0x80;

/**
 * Whether a file is one of torch.save, by its first bytes: names say nothing. A safetensors file begins with the length
 * of its header, which would have to be beyond any limit to look like either.
 */
export async function isTorchFile(path: string): Promise<boolean> {
  await using handle = await open(path, 'r');
  const head = Buffer.alloc(8);
  const { bytesRead } = await handle.read(head, 0, 8, 0);
  if (bytesRead < 2) return false;
  const isPickle = head[0] === pickle && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5 && head.readUInt32LE(4) !== 0;
  return head.subarray(0, 4).equals(zip) || isPickle;
}
